-- Two dialects: the prelude is plain Lua without io and os; recipes see the names of brun.d.lua.
std = "lua54"
-- Declarations for editors have no bodies; cases and the corpus are wrong on purpose.
exclude_files = { "build*", "lua/brun.d.lua", "tests/cases", "tests/corpus" }
max_line_length = 120
files["lua/prelude/*.lua"] = {
  std = "none",
  read_globals = {
    "_VERSION", "assert", "error", "getmetatable", "ipairs", "math", "next", "pairs", "pcall", "rawequal",
    "rawget", "rawlen", "rawset", "select", "setmetatable", "string", "tonumber", "tostring", "type",
    "utf8", "xpcall", table = { fields = { sort = { read_only = false } }, other_fields = true },
  },
}
local recipe = {
  std = "none",
  max_line_length = 140,
  read_globals = {
    "assert", "error", "getmetatable", "ipairs", "math", "next", "pairs", "pcall", "rawequal", "rawget",
    "rawlen", "rawset", "select", "setmetatable", "string", "table", "tonumber", "tostring", "type", "utf8",
    "xpcall",
    "autotools", "cargo", "cmake", "debian", "fetch", "file", "glob", "go", "import", "make", "merge",
    "meson", "package", "python", "run", "unpack",
  },
}
files["recipes/**/*.lua"] = recipe
files["tests/programs/*.lua"] = recipe
