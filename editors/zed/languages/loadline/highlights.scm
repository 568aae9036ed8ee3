; Which node is shown how. What comes later wins.
;
; Kinds, steps and functions are words of the standard library, not of the grammar; the language server, where there
; is one, tells them apart better than this file can.

(identifier) @variable

; Comments and descriptions
(comment) @comment
(doc_comment) @comment.documentation

; Statements
["let" "var" "use" "from" "target" "type" "flow" "as" "static" "try" "retry" "any" "all" "raw" "promoting"] @keyword
["if" "else"] @keyword.conditional
["for" "in"] @keyword.repeat
"return" @keyword.return

; Declarations: `stage test { … }`
(declaration kind: (identifier) @keyword)
(declaration name: (identifier) @constant)
(declaration names: (list (identifier) @constant))
(declaration name: (string) @string.special)
((declaration kind: (identifier) @_kind name: (identifier) @function)
  (#any-of? @_kind "task" "cluster-task" "template" "step" "function" "kind"))
((declaration kind: (identifier) @_kind name: (identifier) @variable)
  (#any-of? @_kind "slot" "require"))
((declaration kind: (identifier) @_kind name: (identifier) @keyword)
  (#eq? @_kind "on"))
(binding name: (identifier) @variable)
(type_declaration name: (identifier) @type)
(import (identifier) @function)
(target_declaration name: (identifier) @module)
(node name: (identifier) @constant)
(node (list (identifier) @constant))
(for_statement name: (identifier) @variable.parameter)
(comprehension name: (identifier) @variable.parameter)

; Steps and calls
(step name: (path) @function.call)
((step name: (path) @keyword)
  (#any-of? @keyword "promote" "verify" "finally" "raw"))
(call function: (identifier) @function.call)

; Settings, arguments, parameters, fields
(setting name: [(identifier) (string)] @property)
(argument name: [(identifier) (string)] @property)
(field name: [(identifier) (string)] @property)
(parameter name: [(identifier) (string)] @variable.parameter)
(member name: (identifier) @property)
(function parameters: (identifier) @variable.parameter)
(function parameters: (parenthesized (identifier) @variable.parameter))
((identifier) @variable.builtin
  (#eq? @variable.builtin "ctx"))

; Types
(named_type (path) @type)
(optional_type "?" @operator)

; Attributes: `@since("1.11")`
(attribute "@" @attribute name: (identifier) @attribute)

; Values
(string) @string
(raw_string) @string
(escape) @string.escape
(foreign) @string.special
(interpolation ["${" "}"] @punctuation.special)
[(number) (version)] @number
(duration) @number
(boolean) @boolean
(null) @constant.builtin

; Operators and brackets
(binary operator: _ @operator)
["in" "contains" "startsWith" "endsWith" "matches"] @keyword.operator
(for_statement "in" @keyword.repeat)
(comprehension ["for" "in"] @keyword.repeat)
(comprehension "if" @keyword.conditional)
(unary operator: _ @operator)
(conditional ["?" ":"] @operator)
["->" "=>" "=" "..." ".." "|"] @operator
(inherit) @operator
["{" "}" "[" "]" "(" ")"] @punctuation.bracket
["," ":" "." "?."] @punctuation.delimiter
