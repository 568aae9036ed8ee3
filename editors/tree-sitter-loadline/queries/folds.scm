; What can be folded.
[
  (block)
  (list)
  (arguments)
  (parameters)
  (record_type)
  (string)
] @fold
