-- SPDX-License-Identifier: MIT
-- package{…}: source, build, packing and test of one thing.
local native = ...
local P = native.prelude
local complain, fields = P.complain, P.fields

-- What only compiling against the package needs.
local dev_globs = {
  "include/**", "lib/*.a", "lib/cmake/**", "lib/pkgconfig/**", "share/aclocal/**", "share/cmake/**",
  "share/gtk-doc/**", "share/pkgconfig/**", "bin/*-config",
}

local function name_kind(value, path, what)
  P.check(value, "string", what, path)
  if not value:match("^%w[%w._+-]*$") then
    complain(path, ("%s may hold letters, digits and . _ + - only, not '%s'"):format(what, value))
  end
end

local function build_kind(value, path)
  local kind = P.kind_of(value)
  if kind ~= "build" and kind ~= "function" then
    complain(path, "field 'build' must be a helper's value, such as autotools{…}, or a function, not " .. P.named(kind))
  end
end

local function patches_kind(value, path)
  P.check(value, "list", "field 'patches'", path)
  for i, patch in ipairs(value) do
    if type(patch) == "string" then
      P.path_kind(patch, P.joined(path, i), "a patch")
    elseif native.kind(patch) ~= "fetch" then
      complain(P.joined(path, i), "a patch is a file's name beside the recipe, or a fetch{…}")
    end
  end
end

-- What a package value has besides its parts.
local own_names = {
  name = true, version = true, raw = true, slim = true, default = true, deps = true, runtime_deps = true,
  runtime_env = true, parts = true, about = true,
}

local function outputs_kind(value, path)
  P.check(value, "table", "field 'outputs'", path)
  for name, globs in pairs(value) do
    local here = P.joined(path, name)
    if own_names[name] then
      complain(here, ("'%s' cannot be an output's name: every package has a part of that name"):format(name))
    end
    P.check_output_name(name, here)
    P.globs_kind(globs, here, "output " .. name)
  end
end

local function test_kind(value, path)
  if type(value) ~= "function" then
    complain(path, "field 'test' must be a function: function(t) t:run{ \"program\", \"--version\" } end")
  end
end

local verbs = { default = "string", set = "string", prepend = "string", append = "string", unset = "boolean" }
local operation_fields = P.also(verbs, { separator = "string" })

local function operation_kind(value, path, name)
  fields(value, operation_fields, name, path)
  local count = 0
  for verb in pairs(verbs) do
    count = count + (value[verb] ~= nil and 1 or 0)
  end
  if count ~= 1 or value.unset == false then
    complain(path, ("%s needs one of default, set, prepend, append, unset: %s = { default = \"value\" }")
      :format(name, name))
  elseif value.separator and not (value.prepend or value.append) then
    complain(P.joined(path, "separator"), "only prepend and append take a separator")
  end
end

local function runtime_env_kind(value, path, what)
  P.check(value, "table", what, path)
  for name, operation in pairs(value) do
    local here = P.joined(path, name)
    if type(name) ~= "string" or name == "" or name:find("=", 1, true) then
      complain(here, ("'%s' cannot be a variable's name: { NAME = { default = \"value\" } }"):format(tostring(name)))
    end
    operation_kind(operation, here, name)
  end
end

local runtime_fields = { deps = P.deps_kind, env = runtime_env_kind, libs = "texts" }

local function runtime_kind(value, path)
  fields(value, runtime_fields, "runtime", path)
end

local update_fields = { url = "string", pattern = "string" }

local function update_kind(value, path)
  fields(value, update_fields, "update", path)
end

local package_fields = P.also(P.step_fields, {
  name = name_kind, version = name_kind, source = "artifact", deps = P.deps_kind,
  build_deps = P.deps_kind, build = build_kind, patches = patches_kind, outputs = outputs_kind,
  test = test_kind, runtime = runtime_kind, main = "string", summary = "string", homepage = "string",
  licence = "string", update = update_kind,
})

local needed = {
  name = 'name = "curl"', version = 'version = "8.8.0"', build = "build = autotools{…}, another helper, or a function",
}

local function check_spec(spec)
  fields(spec, package_fields, "package")
  for _, name in ipairs { "name", "version", "build" } do
    if spec[name] == nil then
      complain(nil, ("package needs a field '%s': %s"):format(name, needed[name]))
    end
  end
  if spec.patches and not spec.source then
    complain({ "patches" }, "there is no source for the patches to change")
  end
end

--- What ${…} means in addresses, tests and the run-time environment.
local function values_of(spec)
  local major, minor = spec.version:match("^(%d+)%.(%d+)")
  return {
    name = spec.name, version = spec.version, major = major or spec.version:match("^%d+"), minor = minor,
  }
end

local function fill_addresses(artifact, values, path)
  native.addresses(artifact, function(url)
    local filled = P.interpolated(url, values)
    local unknown = filled:match("%${([^}]*)}")
    if unknown then
      complain(path, ("nobody knows ${%s} in the address '%s'"):format(unknown, url), unknown, P.names(values))
    end
    return filled
  end)
end

local function fill_all_addresses(spec, values)
  if spec.source then
    fill_addresses(spec.source, values, { "source" })
  end
  for i, patch in ipairs(spec.patches or {}) do
    if type(patch) ~= "string" then
      fill_addresses(patch, values, { "patches", i })
    end
  end
end

--- The patches as trees that lie over the source, and the sh that applies them.
local function patch_trees(spec, pieces)
  local trees = {}
  for i, patch in ipairs(spec.patches or {}) do
    local path = patch
    if type(patch) ~= "string" then
      path = (".brun-%02d.patch"):format(i)
      trees[#trees + 1] = P.unpacked(patch, 0, path)
    elseif not native.beside(patch) then
      complain({ "patches", i }, ("the patch '%s' is not beside the recipe"):format(patch))
    else
      local from, dir = native.here()
      trees[#trees + 1] = native.add("glob", patch, { from = from, dir = dir, patterns = { patch } })
    end
    pieces[#pieces + 1] = "patch -p1 --no-backup-if-mismatch -i " .. P.quoted(path) .. "\n"
  end
  return trees
end

-- .la files lead libtool to directories that exist in the step only; every distribution drops them.
-- The index of info pages is one file that every package would bring.
local tidy = [[
rm -f "$DESTDIR$PREFIX/share/info/dir" "$DESTDIR$PREFIX"/lib/*.la "$DESTDIR$PREFIX"/lib/*/*.la
]]

local function source_of(spec, pieces)
  local trees = patch_trees(spec, pieces)
  if P.kind_of(spec.build) == "build" and spec.build.vendor then
    trees[#trees + 1] = P.tree(spec.build.vendor)
  end
  if spec.source then
    table.insert(trees, 1, P.source(spec.source))
  end
  return P.merged(spec.name .. " source", trees)
end

local default_env = { CFLAGS = "-O2", CXXFLAGS = "-O2" }

local function script_of(spec, pieces)
  if P.kind_of(spec.build) == "build" then
    spec.build.fill(pieces)
  else
    spec.build(P.builder(pieces, spec))
  end
  pieces[#pieces + 1] = tidy
  return pieces
end

local function add_all(list, more)
  return table.move(more, 1, #more, #list + 1, list)
end

local function build(spec, full_name, base, deps)
  local pieces = { ("set -eu\nname=%s\nversion=%s\n"):format(P.quoted(spec.name), P.quoted(spec.version)) }
  local build_deps = add_all(P.dependencies(spec.build_deps, { "build_deps" }), deps)
  return P.step(full_name, {
    base = base,
    prefix = P.merged(full_name .. " dependencies", P.closure(build_deps, "deps")),
    src = source_of(spec, pieces),
    script = script_of(spec, pieces),
    env = P.also(default_env, spec.env),
    network = spec.network,
    output = spec.output,
    limits = spec.limits,
  })
end

--- Other names of a package's parts, and the globs that all of them leave out of the default.
local function split(spec, full_name, raw)
  local parts, left_out = {}, {}
  for name, globs in pairs(P.also({ dev = dev_globs }, spec.outputs)) do
    if #globs > 0 then
      parts[name] = P.filtered(("%s %s"):format(full_name, name), raw, globs, nil)
      add_all(left_out, globs)
    end
  end
  return parts, left_out
end

--- What the launcher does to the environment: what the runtime dependencies ask for, and what the
--- package says itself, which wins.
local function runtime_env(spec, values, runtime_deps)
  local env = {}
  for _, dep in ipairs(runtime_deps) do
    for name, operation in pairs(dep.runtime_env) do
      env[name] = operation
    end
  end
  for name, operation in pairs(spec.runtime and spec.runtime.env or {}) do
    for verb in pairs(verbs) do
      local value = operation[verb]
      if value ~= nil then
        env[name] = {
          name = name, verb = verb, separator = operation.separator,
          value = type(value) == "string" and P.interpolated(value, values) or nil,
        }
      end
    end
  end
  return env
end

local function sorted_values(map)
  local list = {}
  for _, value in pairs(map) do
    list[#list + 1] = value
  end
  return list
end

local function pack(spec, full_name, parts)
  local inputs = { { "tree", parts.slim } }
  -- Each by itself, so that the output can say which of them a file is from.
  local seen = {}
  for _, tree in ipairs(parts.trees) do
    if not seen[native.index(tree)] then
      seen[native.index(tree)] = true
      inputs[#inputs + 1] = { "prefix", tree }
    end
  end
  inputs[#inputs + 1] = { "base", parts.base }
  for _, tree in ipairs(parts.runtime) do
    inputs[#inputs + 1] = { "runtime", tree }
  end
  return native.add("pack", full_name, {
    env = P.unless_empty(sorted_values(parts.env)),
    libs = P.unless_empty(spec.runtime and spec.runtime.libs),
    main = spec.main,
  }, inputs)
end

local run_fields = { "string", match = "string", exit = "integer", env = "variables" }
local test_build_fields = { "string", base = "artifact", build_deps = P.deps_kind }

--- What a test function asks for: the programs that it runs, and how to build those that only the
--- test has (or nil).
local function test_steps(spec, values)
  local steps, tester, programs = {}, nil, nil
  local function build_programs(self, wanted)
    if self ~= tester then
      complain(nil, "call it as t:build[[…]], with a colon")
    end
    local given = type(wanted) == "string" and { wanted } or wanted
    fields(given, test_build_fields, "build")
    if #given == 0 then
      complain(nil, "t:build needs a script: t:build[[cc -o \"$DESTDIR$PREFIX/bin/check\" check.c -lname]]")
    elseif programs then
      complain(nil, "a test builds once: t:build takes several pieces of script")
    end
    programs = given
  end
  local function run(self, step)
    if self ~= tester then
      complain(nil, "call it as t:run{…}, with a colon")
    end
    fields(step, run_fields, "run")
    if #step == 0 then
      complain(nil, "t:run needs a program: t:run{ \"program\", \"--version\" }")
    elseif step.exit and (step.exit < 0 or step.exit > 255) then
      complain({ "exit" }, ("an exit status lies between 0 and 255, %d does not"):format(step.exit))
    end
    local argv, env = {}, {}
    for i, text in ipairs(step) do
      argv[i] = P.interpolated(text, values)
    end
    for name, value in pairs(step.env or {}) do
      env[name] = P.interpolated(value, values)
    end
    steps[#steps + 1] = {
      argv = argv, env = P.unless_empty(env), match = step.match and P.interpolated(step.match, values),
      exit = step.exit ~= 0 and step.exit or nil,
    }
  end
  tester = P.sealed("test", {
    run = native.entry("run", run), build = native.entry("build", build_programs),
    name = spec.name, version = spec.version,
  })
  spec.test(tester)
  if #steps == 0 then
    complain({ "test" }, "the test runs nothing: t:run{ \"program\", \"--version\" }")
  end
  return steps, programs
end

--- The package's own files with the test's programs among them, packed like the package itself.
--- The programs are built from the package's source against what the package installed.
local function test_bed(spec, full_name, raw, parts, programs)
  local name = full_name .. " test programs"
  local pieces = { 'set -eu\nmkdir -p "$DESTDIR$PREFIX/bin"\n' }
  local src = source_of(spec, pieces)
  for _, piece in ipairs(programs) do
    pieces[#pieces + 1] = P.sh_piece(piece)
  end
  local base = programs.base and P.base(programs.base) or parts.base
  local build_deps = P.closure(P.dependencies(programs.build_deps, { "build_deps" }), "deps")
  local built = P.step(name, {
    base = base, src = src, script = pieces, env = P.also(default_env),
    prefix = P.merged(name .. " dependencies", add_all({ raw, table.unpack(parts.trees) }, build_deps)),
  })
  return pack(spec, full_name .. " with its test's programs", P.also(parts, {
    base = base, slim = P.merged(name .. " beside the package", { parts.slim, built }),
  }))
end

--- The action that runs the test: its output is what was packed.
local function tested(spec, full_name, raw, parts, default)
  local steps, programs = test_steps(spec, values_of(spec))
  local inputs = { { "tree", default } }
  if programs then
    inputs[2] = { "bed", test_bed(spec, full_name, raw, parts, programs) }
  end
  return native.add("test", full_name, { steps = steps }, inputs)
end

local function about(spec)
  local update = spec.update or {}
  return {
    name = spec.name, version = spec.version, summary = spec.summary, homepage = spec.homepage,
    licence = spec.licence, main = spec.main, ["update.url"] = update.url, ["update.pattern"] = update.pattern,
  }
end

--- The run-time trees: what the runtime dependencies leave beside the package, and theirs.
local function slim_trees(runtime_deps)
  local trees, seen = {}, {}
  local function visit(dep)
    local tree = dep.slim or dep.raw
    local index = native.index(tree)
    if not seen[index] then
      seen[index] = true
      trees[#trees + 1] = tree
      for _, inner in ipairs(dep.runtime_deps) do
        visit(inner)
      end
    end
  end
  for _, dep in ipairs(runtime_deps) do
    visit(dep)
  end
  return trees
end

--- A package. Its parts: raw (what was installed), dev (what only compiling needs), the ones that
--- `outputs` names, and default (packed and tested).
function P.public.package(spec)
  check_spec(spec)
  local full_name, values = spec.name .. "-" .. spec.version, values_of(spec)
  fill_all_addresses(spec, values)
  local base = P.base(spec.base, { "base" }, P.kind_of(spec.build) == "build" and spec.build.toolchain)
  local deps = P.dependencies(spec.deps, { "deps" })
  local runtime_deps = P.dependencies(spec.runtime and spec.runtime.deps, { "runtime", "deps" })
  local raw = build(spec, full_name, base, { table.unpack(deps) })
  local parts, left_out = split(spec, full_name, raw)
  local slim = P.filtered(full_name .. " without dev", raw, nil, left_out)
  local env = runtime_env(spec, values, runtime_deps)
  local packed = {
    slim = slim, base = base, env = env, runtime = slim_trees(runtime_deps),
    trees = P.closure(add_all({ table.unpack(deps) }, runtime_deps), "deps"),
  }
  local default = pack(spec, full_name, packed)
  if spec.test then
    default = tested(spec, full_name, raw, packed, default)
  end
  return P.sealed("package", P.also(parts, {
    name = spec.name, version = spec.version, raw = raw, slim = slim, default = default, deps = deps,
    runtime_deps = runtime_deps, runtime_env = env, parts = parts, about = about(spec),
  }))
end
