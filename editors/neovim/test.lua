-- Neovim's own language client and the real server, without any plugin: a program is opened, its reports are read, a
-- setting is completed, a name is renamed, the file is laid out.
--
-- With LOADLINE_GRAMMAR, the folder of the tree-sitter grammar, that is compiled, loaded, and its queries are asked.
--
--   LOADLINE=target/debug/loadline nvim --headless -u NONE -c 'luafile editors/neovim/test.lua'
--
-- Works with Neovim 0.7 and later. Ends with 1 and says why if something is not as it should be.

local program = assert(os.getenv("LOADLINE"), "LOADLINE names the program `loadline`")

local TEXT = [[
target kargo 1.11
project shop

warehouse app { image { repoURL: "ghcr.io/acme/shop" } }

stage test {
    slot app
  promote {
    git-commit { path: "./out", message: "“shop” ${ap.image.tag}" }
    git-push { path: "./out" }
  }
}
flow app -> test
]]

local function wait_for(what, holds)
  assert(vim.wait(20000, holds, 10), what .. " did not happen")
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

--- Puts the cursor on the first place of a text; gives its line, from 0.
local function go_to(text)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  assert(vim.fn.search([[\V]] .. text, "cW") > 0, "no `" .. text .. "`")
  return vim.api.nvim_win_get_cursor(0)[1] - 1
end

local function run()
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, "p")
  local path = folder .. "/shop.pipeline"
  vim.fn.writefile(vim.split(TEXT, "\n"), path)
  vim.cmd("edit " .. path)
  vim.bo.filetype = "loadline"
  local buffer = vim.api.nvim_get_current_buf()
  local id = assert(vim.lsp.start_client({ name = "loadline", cmd = { program, "lsp" }, root_dir = folder }))
  assert(vim.lsp.buf_attach_client(buffer, id))

  -- Reports: one mistake, one report, on the name that means nothing, in a line with letters of several bytes.
  wait_for("a report", function() return #vim.diagnostic.get(buffer) > 0 end)
  local reports = vim.diagnostic.get(buffer)
  assert(#reports == 1, vim.inspect(reports))
  local report = reports[1]
  local marked = vim.api.nvim_buf_get_lines(buffer, report.lnum, report.lnum + 1, false)[1]:sub(report.col + 1, report.end_col)
  assert(report.code == "unknown-name" and marked == "ap", vim.inspect(report))

  -- They go when the mistake does.
  go_to("ap.image")
  vim.cmd("normal! cwapp")
  wait_for("an empty list", function() return #vim.diagnostic.get(buffer) == 0 end)

  -- Completion, by the function that Ctrl-X Ctrl-O calls.
  local line = go_to("git-push { path")
  vim.api.nvim_buf_set_lines(buffer, line, line, false, { "    git-push { tar" })
  vim.api.nvim_win_set_cursor(0, { line + 1, 18 })
  local function complete(at, base)
    local answers = assert(vim.lsp.buf_request_sync(buffer, "textDocument/completion", vim.lsp.util.make_position_params(), 20000))
    local _, answer = next(answers)
    local items = vim.lsp.util.text_document_completion_list_to_complete_items(answer.result, base)
    return vim.tbl_map(function(item) return item.abbr or item.word end, items)
  end
  local offered = complete(line, "tar")
  assert(vim.tbl_contains(offered, "targetBranch"), vim.inspect(offered))
  vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, {})

  -- Rename: the warehouse, the slot and the flow.
  go_to("app {")
  vim.lsp.buf.rename("web")
  wait_for("a rename", function() return lines():find("${web.image.tag}", 1, true) ~= nil end)
  local renamed = lines()
  for _, text in ipairs({ "warehouse web {", "slot web\n", "flow web -> test" }) do
    assert(renamed:find(text, 1, true), text .. " is not in\n" .. renamed)
  end
  wait_for("an empty list", function() return #vim.diagnostic.get(buffer) == 0 end)

  -- Formatting: as `loadline fmt` does it.
  if vim.lsp.buf.format then vim.lsp.buf.format({ timeout_ms = 20000 }) else vim.lsp.buf.formatting_sync({}, 20000) end
  local formatted = lines()
  assert(formatted:find("\n  slot web\n", 1, true), formatted)
  vim.cmd("silent write")
  vim.fn.system({ program, "fmt", "--check", path })
  assert(vim.v.shell_error == 0, "`loadline fmt` would change\n" .. formatted)

  -- The server ends when the editor says so.
  vim.lsp.stop_client(id)
  wait_for("the end of the server", function() return vim.lsp.client_is_stopped(id) end)
end

--- The grammar as Neovim loads it, with all its queries.
local function highlight(grammar)
  local parser = vim.fn.tempname() .. ".so"
  local sources = { grammar .. "/src/parser.c", grammar .. "/src/scanner.c" }
  local said = vim.fn.system({ "cc", "-shared", "-fPIC", "-I", grammar .. "/src", sources[1], sources[2], "-o", parser })
  assert(vim.v.shell_error == 0, said)
  if vim.treesitter.language.add then
    vim.treesitter.language.add("loadline", { path = parser })
  else
    vim.treesitter.require_language("loadline", parser)
  end
  local root = vim.treesitter.get_parser(0, "loadline"):parse()[1]:root()
  assert(not root:has_error(), "the grammar does not read\n" .. lines())
  local parse_query = vim.treesitter.query.parse or vim.treesitter.query.parse_query
  for _, name in ipairs({ "highlights", "folds", "indents" }) do
    local query = parse_query("loadline", table.concat(vim.fn.readfile(grammar .. "/queries/" .. name .. ".scm"), "\n"))
    local count = 0
    for _ in query:iter_captures(root, 0, 0, -1) do count = count + 1 end
    assert(count > 5, name .. " marks " .. count .. " places")
  end
end

local ok, reason = xpcall(function()
  run()
  if os.getenv("LOADLINE_GRAMMAR") then highlight(os.getenv("LOADLINE_GRAMMAR")) end
end, debug.traceback)
if ok then
  io.stdout:write("Neovim: opened, reported, completed, renamed, laid out\n")
  vim.cmd("qall!")
else
  io.stderr:write(reason .. "\n")
  vim.cmd("cquit 1")
end
