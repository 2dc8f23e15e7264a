-- SPDX-License-Identifier: MIT
-- What the other parts of the prelude are built on: checks of tables, text, order.
local native = ...

local P = {}
native.prelude = P

--- Raises a complaint about the field that `path` leads to, with the nearest of `known` (names as
--- keys) where `name` is what nobody knows.
P.complain = native.complain

local function joined(path, key)
  local longer = { table.unpack(path or {}) }
  longer[#longer + 1] = key
  return longer
end
P.joined = joined

local article = { integer = "an integer", artifact = "an artifact", table = "a table", list = "a list" }

local function named(kind)
  return article[kind] or "a " .. kind
end
P.named = named

-- What each table of ours with a metatable is. What a metatable says is no proof: recipes make them, too.
local kinds = {}

--- What a value is, in the words that complaints use. A recipe's own metatable could answer
--- differently each time it is asked, so such a table is none that anything takes.
local function kind_of(value)
  if native.kind(value) then
    return "artifact"
  elseif type(value) == "table" then
    return kinds[value] or getmetatable(value) == nil and "table" or "table with a metatable"
  end
  return math.type(value) == "integer" and "integer" or type(value)
end
P.kind_of = kind_of

--- Is it a table without names: { "a", "b" }?
local function is_list(value)
  if kind_of(value) ~= "table" then
    return false
  end
  local count = 0
  for key in pairs(value) do
    if type(key) ~= "number" then
      return false
    end
    count = count + 1
  end
  return count == #value
end
P.is_list = is_list

local checks = {}

--- Complains unless the value is of that kind: a type's name, "list", "texts", "any", or a
--- function (value, path) that complains itself.
function P.check(value, kind, what, path)
  if type(kind) == "function" then
    return kind(value, path, what)
  end
  local check = checks[kind]
  if check then
    return check(value, what, path)
  end
  if kind ~= "any" and kind_of(value) ~= kind then
    P.complain(path, ("%s must be %s, not %s"):format(what, named(kind), named(kind_of(value))))
  end
end

--- Text that a plan can hold.
function checks.string(value, what, path)
  if type(value) ~= "string" then
    P.complain(path, ("%s must be a string, not %s"):format(what, named(kind_of(value))))
  elseif value:find("\0", 1, true) then
    P.complain(path, ("%s holds a NUL byte"):format(what))
  elseif not utf8.len(value) then
    P.complain(path, ("%s is not UTF-8"):format(what))
  end
end

function checks.list(value, what, path)
  if not is_list(value) then
    local got = kind_of(value) == "table" and "a table with names or gaps" or named(kind_of(value))
    P.complain(path, ("%s must be a list, { … }, not %s"):format(what, got))
  end
end

--- A list of strings.
function checks.texts(value, what, path)
  checks.list(value, what, path)
  for i, text in ipairs(value) do
    P.check(text, "string", ("value %d of %s"):format(i, what), joined(path, i))
  end
end

--- { NAME = "value" }: names of variables and their values.
function checks.variables(value, what, path)
  P.check(value, "table", what, path)
  for name, text in pairs(value) do
    local here = joined(path, name)
    if type(name) ~= "string" or not name:match("^[%a_][%w_]*$") then
      P.complain(here, ("%s: '%s' cannot be a variable's name: letters, digits and _, no digit first"):format(what,
        tostring(name)))
    end
    P.check(text, "string", ("'%s' in %s"):format(name, what), here)
  end
end

--- Complains unless it can be the name of an output.
function P.check_output_name(name, path)
  if type(name) ~= "string" or not name:match("^[%w_-]+$") then
    P.complain(path, ("'%s' cannot be an output's name: letters, digits, _ and -"):format(tostring(name)))
  end
end

--- Checks a table against `fields`: { name = "kind", other = "kind!" }, where ! marks what must be
--- there. fields[1] is the kind of every positional value; without it there must be none.
function P.fields(value, fields, what, path)
  if kind_of(value) ~= "table" then
    P.complain(path, ("%s takes a table, %s{ … }, not %s"):format(what, what, named(kind_of(value))))
  end
  for key, field in pairs(value) do
    local here = joined(path, key)
    local kind = fields[key]
    if type(key) == "number" then
      if not fields[1] then
        P.complain(here, ("%s has no field without a name"):format(what))
      end
      P.check(field, fields[1], ("value %d of %s"):format(key, what), here)
    elseif not kind then
      P.complain(here, ("unknown field '%s' in %s"):format(tostring(key), what), tostring(key), P.names(fields))
    else
      P.check(field, type(kind) == "string" and kind:gsub("!$", "") or kind, ("field '%s'"):format(key), here)
    end
  end
  for key, kind in pairs(fields) do
    if type(kind) == "string" and kind:find("!$") and value[key] == nil then
      P.complain(path, ("%s needs a field '%s' (%s)"):format(what, key, named(kind:gsub("!$", ""))))
    end
  end
end

--- A table with the fields of both; those of `more` win.
function P.also(fields, more)
  local all = {}
  for key, value in pairs(fields) do
    all[key] = value
  end
  for key, value in pairs(more or {}) do
    all[key] = value
  end
  return all
end

--- The names among the keys, as complain's `known`.
function P.names(fields)
  local names = {}
  for key in pairs(fields) do
    if type(key) == "string" then
      names[key] = true
    end
  end
  return names
end

--- nil for an empty table: what is left out of a plan is not in its keys either.
function P.unless_empty(list)
  return list and next(list) ~= nil and list or nil
end

--- A table of ours in a recipe's hands: its fields can be read, nothing else. kind_of knows it.
function P.sealed(kind, fields)
  local value = setmetatable({}, {
    __metatable = kind,
    __name = kind,
    __tostring = function() return kind end,
    __index = function(_, key)
      local value = fields[key]
      if value == nil and type(key) == "string" then
        native.unknown(("a %s has no field '%s'"):format(kind, key), key, P.names(fields))
      end
      return value
    end,
    __newindex = function()
      P.complain(nil, ("a %s cannot be changed"):format(kind))
    end,
  })
  kinds[value] = kind
  return value
end

--- A copy of what a recipe returned, for another one's hands, with a metatable of ours.
function P.lent(outputs, meta)
  local copy = P.also(outputs)
  kinds[copy] = "table"
  return setmetatable(copy, meta)
end

local function is_before(a, b)
  return a < b
end

--- table.sort, but stable: equal values stay in the order they had.
local function sort(list, before)
  before = before or is_before
  local from, to, width, count = list, {}, 1, #list
  while width < count do
    for start = 1, count, 2 * width do
      local left, right = start, math.min(start + width, count + 1)
      local left_end, right_end = right, math.min(start + 2 * width, count + 1)
      for at = start, right_end - 1 do
        if left < left_end and (right >= right_end or not before(from[right], from[left])) then
          to[at], left = from[left], left + 1
        else
          to[at], right = from[right], right + 1
        end
      end
    end
    from, to, width = to, from == list and {} or from, 2 * width
  end
  if from ~= list then
    table.move(from, 1, count, 1, list)
  end
end
table.sort = sort

--- Puts the text of `values` in the place of "${name}"; other names stay for the shell.
function P.interpolated(text, values)
  return (text:gsub("%${([%w_]+)}", values))
end

--- Is it a word that sh leaves as it is?
function P.is_plain(text)
  return text:match("^[%w_./:=@%%+,-]+$") ~= nil
end

--- A word of sh: quoted where it has to be.
function P.quoted(text)
  if P.is_plain(text) then
    return text
  end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A piece of a script: whole lines.
function P.sh_piece(text)
  return text:sub(-1) == "\n" and text or text .. "\n"
end
