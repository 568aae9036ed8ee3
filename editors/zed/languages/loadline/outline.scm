(declaration kind: (identifier) @context name: (_) @name) @item
