; What is indented, in the words of nvim-treesitter.
[
  (block)
  (list)
  (arguments)
  (parameters)
  (record_type)
  (parenthesized)
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end

[(comment) (doc_comment)] @indent.ignore
(string) @indent.auto
