-- SPDX-License-Identifier: MIT
-- The primitives: each checks what it is given and adds one action to the plan.
local native = ...
local P = native.prelude
local complain, fields = P.complain, P.fields

local public = {}
P.public = public

local function is_clean(path)
  return path ~= "" and path:sub(1, 1) ~= "/" and path:sub(-1) ~= "/" and not path:find("//", 1, true)
    and not ("/" .. path .. "/"):find("/%.%.?/")
end

local function path_kind(value, path, what)
  P.check(value, "string", what, path)
  if not is_clean(value) then
    complain(path, ("%s must be a relative path without '.', '..' and empty parts, not '%s'"):format(what, value))
  end
end

P.path_kind = path_kind

local function globs_kind(value, path, what)
  P.check(value, "texts", what, path)
  for i, glob in ipairs(value) do
    path_kind(glob, P.joined(path, i), what)
  end
end
P.globs_kind = globs_kind

local function sha256_kind(value, path, what)
  P.check(value, "string", what, path)
  if not value:match("^[0-9a-f]+$") or #value ~= 64 then
    local length = #value ~= 64 and (" (of length %d)"):format(#value) or ""
    complain(path, ("%s must be 64 lower-case hex digits, not '%s'%s"):format(what, value, length))
  end
end

local function check_url(url, path)
  P.check(url, "string", "an address", path)
  local scheme = url:match("^(%a+)://.")
  if scheme ~= "https" and scheme ~= "http" and scheme ~= "file" and scheme ~= "mirror" then
    complain(path, ("'%s' is not an https, http, file or mirror address"):format(url))
  end
end

--- An address, or a list of addresses that are tried in turn.
local function url_kind(value, path)
  if type(value) == "string" then
    return check_url(value, path)
  end
  P.check(value, "list", "field 'url'", path)
  if #value == 0 then
    complain(path, "field 'url' has no address in it")
  end
  for i, url in ipairs(value) do
    check_url(url, P.joined(path, i))
  end
end

local function base_name(url)
  return url:gsub("[?#].*", ""):match("([^/]+)/*$") or url
end

local fetch_fields = { url = url_kind, sha256 = sha256_kind, name = "string" }

--- A file from the network, by its hash.
function public.fetch(spec)
  fields(spec, fetch_fields, "fetch")
  if not spec.url then
    complain(nil, "fetch needs a field 'url': an address, or a list of them")
  elseif not spec.sha256 then
    complain(nil, "fetch needs a field 'sha256': the hash of the file; 64 zeros make brun say it")
  end
  local urls = type(spec.url) == "table" and { table.unpack(spec.url) } or { spec.url }
  return native.add("fetch", spec.name or base_name(urls[1]), { urls = urls, sha256 = spec.sha256 })
end

local function strip_kind(value, path, what)
  P.check(value, "integer", what, path)
  if value < 0 or value > 255 then
    complain(path, ("%s must lie between 0 and 255, not be %d"):format(what, value))
  end
end

local function file_name_kind(value, path, what)
  path_kind(value, path, what)
  if value:find("/", 1, true) then
    complain(path, ("%s must be a name without '/', not '%s'"):format(what, value))
  end
end

local unpack_fields = { "artifact", strip = strip_kind, single = file_name_kind }

--- The one positional value of a call, which must be an artifact.
local function only_artifact(spec, what)
  if #spec ~= 1 then
    complain(nil, ("%s takes one artifact, %s{ artifact, … }, not %d"):format(what, what, #spec))
  end
  return spec[1]
end

local function unpacked(artifact, strip, single)
  return native.add("unpack", native.name(artifact), { strip = strip ~= 0 and strip or nil, single = single },
    { { "artifact", artifact } })
end

--- The contents of an archive.
function public.unpack(spec)
  fields(spec, unpack_fields, "unpack")
  local artifact = only_artifact(spec, "unpack")
  if native.kind(artifact) ~= "fetch" then
    complain({ 1 }, "unpack takes a fetched file; this is a tree already")
  end
  return unpacked(artifact, spec.strip, spec.single)
end
P.unpacked = unpacked

--- Files that lie beside the recipe.
function public.glob(spec)
  P.check(spec, "texts", "glob")
  if #spec == 0 then
    complain(nil, "glob needs a pattern, such as \"src/**\"")
  end
  globs_kind(spec, nil, "a pattern")
  local from, dir = native.here()
  return native.add("glob", "glob", { from = from, dir = dir, patterns = { table.unpack(spec) } })
end

local function mode_kind(value, path, what)
  if value ~= "0644" and value ~= "0755" then
    complain(path, ("%s must be \"0644\" or \"0755\" (a tree knows no other), not '%s'"):format(what, tostring(value)))
  end
end

local file_fields = { path = path_kind, text = "string", link = "string", mode = mode_kind }

--- One small file, or a symlink.
function public.file(spec)
  fields(spec, file_fields, "file")
  if not spec.path then
    complain(nil, "file needs a field 'path': where it lies in the tree, such as \"etc/x\"")
  elseif not spec.text == not spec.link then
    complain(nil, "file needs either a field 'text' or a field 'link'")
  elseif spec.link and spec.mode then
    complain({ "mode" }, "a link has no mode")
  elseif spec.link == "" then
    complain({ "link" }, "a link's target cannot be empty")
  end
  return native.add("file", spec.path,
    { path = spec.path, text = spec.text, link = spec.link, executable = spec.mode == "0755" or nil })
end

--- A tree in whatever form a recipe has it: a package stands for what it installed.
function P.tree(value, path, what)
  local kind = P.kind_of(value)
  if kind == "package" then
    return value.raw
  elseif kind ~= "artifact" then
    complain(path, ("%s must be a tree (an artifact or a package), not %s"):format(what, P.named(kind)))
  end
  return value
end

local function tree_kind(value, path, what)
  if native.kind(P.tree(value, path, what)) == "fetch" then
    complain(path, ("%s is a fetched file; unpack{…} makes a tree of it"):format(what))
  end
end
P.tree_kind = tree_kind

--- Several trees as one; a single one is itself.
function P.merged(name, trees)
  local inputs, seen = {}, {}
  for _, tree in ipairs(trees) do
    local index = native.index(tree)
    if not seen[index] then
      seen[index] = true
      inputs[#inputs + 1] = { "tree", tree }
    end
  end
  if #inputs <= 1 then
    return trees[1]
  end
  return native.add("merge", name, {}, inputs)
end

--- Trees laid over each other.
function public.merge(spec)
  fields(spec, { tree_kind }, "merge")
  if #spec == 0 then
    complain(nil, "merge needs at least one tree")
  end
  local trees = {}
  for i, value in ipairs(spec) do
    trees[i] = P.tree(value)
  end
  return P.merged("merge", trees)
end

--- The part of a tree that globs select.
function P.filtered(name, tree, include, exclude)
  return native.add("filter", name, { include = P.unless_empty(include), exclude = P.unless_empty(exclude) },
    { { "tree", tree } })
end

-- A table of outputs in another recipe's hands: a misspelt name is not nil, and nothing is set.
local outputs_meta = {
  __index = function(outputs, key)
    native.unknown(("the recipe has no output '%s'"):format(tostring(key)), tostring(key), P.names(outputs))
  end,
  __newindex = function()
    complain(nil, "what another recipe returned cannot be changed")
  end,
}

--- What another recipe returned.
function public.import(name)
  P.check(name, "string", "import")
  local value = native.import(name)
  return P.kind_of(value) == "table" and P.lent(value, outputs_meta) or value
end

--- A dependency: the name of a recipe beside this one, a package, or a tree. Returns the package; of a
--- tree, what stands for one: it needs nothing and asks for nothing at run time.
function P.dependency(value, path)
  local what = value
  if type(value) == "string" then
    value = native.import(value, path)
    if P.kind_of(value) == "table" then
      value = rawget(value, "default")
        or complain(path, ("the recipe '%s' has no output named default"):format(what))
    end
  end
  tree_kind(value, path, "a dependency")
  if P.kind_of(value) == "package" then
    return value
  end
  return { raw = value, deps = {}, runtime_deps = {}, runtime_env = {} }
end

local function dependency_kind(value, path, what)
  local kind = P.kind_of(value)
  if kind ~= "string" and kind ~= "artifact" and kind ~= "package" then
    complain(path, ("%s must be a recipe's name, a package or a tree, not %s"):format(what, P.named(kind)))
  end
end

function P.deps_kind(value, path, what)
  P.check(value, "list", what, path)
  for i, dep in ipairs(value) do
    dependency_kind(dep, P.joined(path, i), ("value %d of %s"):format(i, what))
  end
end

--- The list of a deps field, resolved.
function P.dependencies(list, path)
  local deps = {}
  for i, value in ipairs(list or {}) do
    deps[i] = P.dependency(value, P.joined(path, i))
  end
  return deps
end

--- The trees of dependencies and of theirs, each once, the needed before the needing.
function P.closure(deps, field)
  local trees, seen = {}, {}
  local function visit(dep)
    local index = native.index(dep.raw)
    if seen[index] then
      return
    end
    seen[index] = true
    for _, inner in ipairs(dep[field]) do
      visit(inner)
    end
    trees[#trees + 1] = dep.raw
  end
  for _, dep in ipairs(deps) do
    visit(dep)
  end
  return trees
end

--- The tree that a step is run in: what the recipe says, or the toolchain's `name`, or its default.
function P.base(value, path, name)
  if value ~= nil then
    return P.tree(value, path, "field 'base'")
  end
  local toolchain = native.import("toolchain", nil, ", and no field 'base' says what to build on")
  if P.kind_of(toolchain) == "table" then
    toolchain = name and rawget(toolchain, name) or rawget(toolchain, "default")
      or complain(nil, "the recipe 'toolchain' has no output named default")
  end
  return P.tree(toolchain, nil, "the recipe 'toolchain'")
end

local limit_fields = {
  time = "integer", silence = "integer", memory = "integer", disk = "integer", log = "integer", processes = "integer",
}

function P.limits_kind(value, path)
  fields(value, limit_fields, "limits", path)
  for name, number in pairs(value) do
    if number < 0 then
      complain(P.joined(path, name), ("a limit cannot be %d; 0 means the default"):format(number))
    end
  end
end

local function script_kind(value, path, what)
  local kind = P.kind_of(value)
  if kind == "table" then
    P.check(value, "texts", what, path)
  elseif kind ~= "string" then
    complain(path, ("%s must be a string or a list of strings, not %s"):format(what, P.named(kind)))
  end
  if #value == 0 then
    complain(path, ("%s is empty"):format(what))
  end
end

P.step_fields = {
  base = tree_kind,
  env = "variables",
  limits = P.limits_kind,
  network = "boolean",
  output = sha256_kind,
}

--- Adds a run action; spec has base, prefix, src (trees), and script, a list of pieces.
function P.step(name, spec)
  if spec.network and not spec.output then
    complain({ "network" }, "a step with network must declare the hash of its output: output = \"…\"")
  end
  local inputs = { { "base", spec.base } }
  if spec.prefix then
    inputs[#inputs + 1] = { "prefix", spec.prefix }
  end
  if spec.src then
    inputs[#inputs + 1] = { "src", spec.src }
  end
  return native.add("run", name, {
    script = spec.script,
    env = P.unless_empty(spec.env),
    network = spec.network or nil,
    output = spec.output,
    limits = P.unless_empty(spec.limits),
  }, inputs)
end

--- A source as a tree: a fetched archive is unpacked, its one top directory dropped.
function P.source(artifact)
  return native.kind(artifact) == "fetch" and unpacked(artifact, 1) or artifact
end

local run_fields = P.also(P.step_fields, {
  name = "string!", deps = P.deps_kind, src = "artifact", script = script_kind,
})

--- What a script installs.
function public.run(spec)
  fields(spec, run_fields, "run")
  if not spec.script then
    complain(nil, "run needs a field 'script': script = [[…]], lines of sh")
  end
  local script = { "set -eu\n" }
  for i, piece in ipairs(type(spec.script) == "string" and { spec.script } or spec.script) do
    script[i + 1] = P.sh_piece(piece)
  end
  return P.step(spec.name, {
    base = P.base(spec.base, { "base" }),
    prefix = P.merged(spec.name .. " prefix", P.closure(P.dependencies(spec.deps, { "deps" }), "deps")),
    src = spec.src and P.source(spec.src),
    script = script,
    env = spec.env,
    network = spec.network,
    output = spec.output,
    limits = spec.limits,
  })
end
