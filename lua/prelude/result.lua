-- SPDX-License-Identifier: MIT
-- What a recipe may name, and what becomes of what it returns.
local native = ...
local P = native.prelude
local complain = P.complain

-- What is missing on purpose, and what to use in its place.
local hints = {
  collectgarbage = "memory is limited and looked after",
  coroutine = "a recipe runs from its start to its end; functions and loops do",
  debug = "a recipe cannot look at itself: error(…) shows a value",
  dofile = 'import "name" evaluates another recipe',
  io = "a recipe reads no files: glob{…} puts files that lie beside it into the plan",
  load = "a recipe cannot compile code",
  loadfile = 'import "name" evaluates another recipe',
  loadstring = "a recipe cannot compile code",
  ["math.random"] = "the same recipe gives the same plan each time",
  os = "a recipe sees no clock, environment or files",
  print = "a recipe prints nothing: error(…) shows a value",
  rawset = "set a field with table.name = value",
  require = 'import "name" evaluates another recipe',
}

local function checked_setmetatable(value, meta)
  if type(meta) == "table" and (rawget(meta, "__gc") or rawget(meta, "__mode")) then
    complain(nil, "__gc and __mode make what happens depend on memory")
  end
  return setmetatable(value, meta)
end

local function unwound(depth, ...)
  native.depth(depth)
  return ...
end

local function checked_pcall(...)
  return unwound(native.depth(), pcall(...))
end

local function checked_xpcall(...)
  return unwound(native.depth(), xpcall(...))
end

local plain = {
  assert = assert, error = error, getmetatable = getmetatable, ipairs = ipairs, next = next, pairs = pairs,
  pcall = checked_pcall, rawequal = rawequal, rawget = rawget, rawlen = rawlen, select = select,
  tonumber = tonumber, tostring = tostring, type = type, xpcall = checked_xpcall, _VERSION = _VERSION,
  setmetatable = native.entry("setmetatable", checked_setmetatable),
}
local libraries = { math = math, string = string, table = table, utf8 = utf8 }

local entries = {}
for name, call in pairs(P.public) do
  entries[name] = native.entry(name, call)
end

--- A library's copy, in which a name that it has not is told instead of being nil.
local function library_of(name)
  local library = libraries[name]
  return setmetatable(P.also(library), {
    __metatable = name,
    __index = function(_, key)
      local hint = hints[("%s.%s"):format(name, key)]
      local text = ("%s has no '%s'%s"):format(name, key, hint and ": " .. hint or "")
      native.unknown(text, tostring(key), P.names(library))
    end,
  })
end

--- The globals of one recipe: its own copies, so that no recipe can change another's.
function native.environment()
  local known = P.also(plain, entries)
  for name in pairs(libraries) do
    known[name] = library_of(name)
  end
  return setmetatable({}, {
    __metatable = "globals",
    __index = function(_, name)
      local value = known[name]
      if value == nil and hints[name] then
        native.unknown(("there is no '%s': %s"):format(name, hints[name]), name)
      elseif value == nil then
        native.unknown(("unknown name '%s'"):format(tostring(name)), tostring(name), known)
      end
      return value
    end,
    __newindex = function(_, name)
      native.unknown(("'%s' would be global: write `local %s`"):format(name, name), tostring(name))
    end,
  })
end

local function add_package(outputs, prefix, package)
  outputs[prefix == "" and "default" or prefix] = package.default
  local dot = prefix == "" and "" or prefix .. "."
  outputs[dot .. "raw"] = package.raw
  for name, tree in pairs(package.parts) do
    outputs[dot .. name] = tree
  end
end

local function add_output(outputs, name, value)
  local kind = P.kind_of(value)
  if kind == "package" then
    add_package(outputs, name == "default" and "" or name, value)
  elseif kind ~= "artifact" then
    complain(nil, ("the output '%s' must be a package or an artifact, not %s"):format(name, P.named(kind)))
  elseif native.kind(value) == "fetch" then
    complain(nil, ("the output '%s' is a fetched file; unpack{…} makes a tree of it"):format(name))
  else
    outputs[name] = value
  end
end

local function add_outputs(outputs, result)
  for name, value in pairs(result) do
    P.check_output_name(name)
    add_output(outputs, name, value)
  end
  if not outputs.default then
    complain(nil, "a table of outputs needs one named default: return { default = … }")
  end
end

local function as_indices(outputs)
  local indices = {}
  for name, artifact in pairs(outputs) do
    indices[name] = native.index(artifact)
  end
  return indices
end

--- The plan's outputs and what is known about them, from what the main recipe returned.
function native.result(result)
  local outputs, kind = {}, P.kind_of(result)
  if kind == "table" then
    add_outputs(outputs, result)
    result = rawget(result, "default")
  elseif kind == "package" or kind == "artifact" then
    add_output(outputs, "default", result)
  else
    complain(nil, ("a recipe returns a package, an artifact or a table of them, not %s"):format(P.named(kind)))
  end
  local about = P.kind_of(result) == "package" and result.about or {}
  return { outputs = as_indices(outputs), about = about }
end
