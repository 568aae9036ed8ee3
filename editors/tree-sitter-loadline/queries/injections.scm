; Texts of another language.
((comment) @injection.content
  (#set! injection.language "comment"))

((binary operator: "matches" right: (string (raw_string) @injection.content))
  (#set! injection.language "regex"))
