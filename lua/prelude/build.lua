-- SPDX-License-Identifier: MIT
-- How packages are built: a builder that collects pieces of sh, and helpers that fill it.
local native = ...
local P = native.prelude
local complain, fields = P.complain, P.fields

-- A word of a piece: $NAME and ${NAME} mean the step's variables, all else stands for itself.
local function word(text)
  if P.is_plain(text) then
    return text
  end
  return '"' .. text:gsub('[\\"`]', "\\%0"):gsub("%$([^%w_{])", "\\$%1"):gsub("%$$", "\\$") .. '"'
end

local function add_words(piece, list)
  for _, text in ipairs(list or {}) do
    piece[#piece + 1] = word(text)
  end
end

local function add_variables(piece, variables)
  for name, value in pairs(variables or {}) do
    piece[#piece + 1] = name .. "=" .. word(value)
  end
end

--- One command: words, lists of words, and variables that go behind it.
local function command(words, list, variables)
  local piece = { words }
  add_variables(piece, variables)
  add_words(piece, list)
  return table.concat(piece, " ") .. "\n"
end

-- Each phase is a function of the pieces and of what the recipe said about it.
local phases = {}

local configure_fields = { "string", program = "string" }

function phases.configure(pieces, spec)
  local program = spec.program or "./configure"
  pieces[#pieces + 1] = command(word(program) .. ' --prefix="$PREFIX"', spec)
end

local make_fields = { "string", vars = "variables" }

function phases.make(pieces, spec)
  pieces[#pieces + 1] = command('make -j"$JOBS"', spec, spec.vars)
end

function phases.install(pieces, spec)
  pieces[#pieces + 1] = command('make DESTDIR="$DESTDIR"', #spec > 0 and spec or { "install" }, spec.vars)
end

local function options_kind(value, path, what)
  P.check(value, "table", what, path)
  for name, option in pairs(value) do
    local kind, here = P.kind_of(option), P.joined(path, name)
    if type(name) ~= "string" or name == "" or name:find("=", 1, true) then
      complain(here, ("'%s' cannot be an option's name: options = { NAME = value }"):format(tostring(name)))
    elseif kind ~= "boolean" and kind ~= "integer" then
      P.check(option, "string", ("option '%s'"):format(name), here)
    end
  end
end

local cmake_fields = { configure = "texts", options = options_kind }

-- The flags, and the options as such; yes and no are what the tool calls a boolean.
local function flags_of(spec, yes, no)
  local flags = { table.unpack(spec.configure or {}) }
  for name, value in pairs(spec.options or {}) do
    local text = value == true and yes or value == false and no or tostring(value)
    flags[#flags + 1] = ("-D%s=%s"):format(name, text)
  end
  return flags
end

function phases.cmake(pieces, spec)
  pieces[#pieces + 1] = command('cmake -S . -B brun-build -DCMAKE_INSTALL_PREFIX="$PREFIX" '
    .. '-DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_RPATH="$PREFIX/lib" -DCMAKE_BUILD_TYPE=Release',
    flags_of(spec, "ON", "OFF"))
  pieces[#pieces + 1] = 'cmake --build brun-build -j "$JOBS"\n'
  pieces[#pieces + 1] = "cmake --install brun-build\n"
end

-- Installing drops the search paths that linking put in; the ones of LDFLAGS stay.
function phases.meson(pieces, spec)
  pieces[#pieces + 1] = command('LDFLAGS="${LDFLAGS:-} -Wl,-rpath,$PREFIX/lib" meson setup brun-build '
    .. '--prefix="$PREFIX" --libdir=lib --buildtype=release --wrap-mode=nodownload', flags_of(spec, "true", "false"))
  pieces[#pieces + 1] = 'ninja -C brun-build -j "$JOBS"\n'
  pieces[#pieces + 1] = 'meson install -C brun-build --no-rebuild\n'
end

local cargo_fields = { flags = "texts", features = "texts", bins = "texts", path = "string" }

local cargo_vendor = [[
if [ -d vendor ]; then
	mkdir -p "$HOME/.cargo"
	printf '[source.crates-io]\nreplace-with = "vendored-sources"\n[source.vendored-sources]\ndirectory = "%s"\n' \
		"$PWD/vendor" >"$HOME/.cargo/config.toml"
fi
locked=
[ ! -f Cargo.lock ] || locked=--locked
]]

function phases.cargo(pieces, spec)
  local flags = {}
  for _, name in ipairs(spec.bins or {}) do
    flags[#flags + 1] = "--bin=" .. name
  end
  if spec.features then
    flags[#flags + 1] = "--features=" .. table.concat(spec.features, ",")
  end
  table.move(spec.flags or {}, 1, #(spec.flags or {}), #flags + 1, flags)
  pieces[#pieces + 1] = cargo_vendor
  pieces[#pieces + 1] = command('cargo install --offline $locked --no-track --jobs "$JOBS" '
    .. '--root "$DESTDIR$PREFIX" --path ' .. word(spec.path or "."), flags)
end

local go_fields = { packages = "texts", flags = "texts", ldflags = "string" }

-- No module is fetched: what the source does not vendor is not there.
function phases.go(pieces, spec)
  local flags = { "-trimpath", table.unpack(spec.flags or {}) }
  if spec.ldflags then
    flags[#flags + 1] = "-ldflags=" .. spec.ldflags
  end
  table.move(spec.packages or { "." }, 1, #(spec.packages or { "." }), #flags + 1, flags)
  pieces[#pieces + 1] = 'export GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local GOMAXPROCS="$JOBS"\n'
    .. 'mkdir -p "$DESTDIR$PREFIX/bin"\n'
  pieces[#pieces + 1] = command('go build -p "$JOBS" -o "$DESTDIR$PREFIX/bin/"', flags)
end

-- The base brings the build back ends; nothing is installed from elsewhere. Compiled bytecode would
-- hold the time of its installation; Debian's Python puts what is not its own under local/ unless told.
function phases.python(pieces)
  pieces[#pieces + 1] = "python3 -m build --wheel --no-isolation --outdir brun-wheels\n"
  pieces[#pieces + 1] = 'DEB_PYTHON_INSTALL_LAYOUT=deb python3 -m installer --no-compile-bytecode '
    .. '--destdir="$DESTDIR" --prefix="$PREFIX" brun-wheels/*.whl\n'
end

-- Runs what stands between in a directory below the source, with the recipe's own sh around it.
local function surrounded(spec, fill)
  return function(pieces)
    if spec.dir then
      pieces[#pieces + 1] = "cd " .. word(spec.dir) .. "\n"
    end
    if spec.before then
      pieces[#pieces + 1] = P.sh_piece(spec.before)
    end
    fill(pieces)
    if spec.after then
      pieces[#pieces + 1] = P.sh_piece(spec.after)
    end
  end
end

-- A phase of autotools{…} or make{…}: a table of words and vars.
local function phase_kind(phase, known)
  return function(value, path)
    fields(value, known, phase, path)
  end
end

local autotools_fields = {
  configure = phase_kind("configure", configure_fields), make = phase_kind("make", make_fields),
  install = phase_kind("install", make_fields), reconf = "boolean", build_dir = "string",
}

-- Which of the toolchain's outputs a helper is at home in, where there is one of that name.
local function toolchain_of(name, spec)
  if name == "autotools" then
    return spec.reconf and "autotools"
  end
  return name == "cargo" and "rust" or name
end

-- What every helper takes, and a function does not need: it says b:sh where it wants to.
local surroundings = { dir = "string", before = "string", after = "string" }

local function helper(name, known, fill)
  local all = P.also(known, surroundings)
  if name == "cargo" then
    all.vendor = P.tree_kind
  end
  P.public[name] = function(spec)
    fields(spec, all, name)
    return P.sealed("build", {
      toolchain = toolchain_of(name, spec) or false,
      vendor = spec.vendor or false,
      fill = surrounded(spec, fill(spec)),
    })
  end
end

helper("autotools", autotools_fields, function(spec)
  return function(pieces)
    local configure = spec.configure or {}
    if spec.reconf then
      pieces[#pieces + 1] = "autoreconf -fi\n"
    end
    if spec.build_dir then
      pieces[#pieces + 1] = ("top=$PWD\nmkdir -p %s\ncd %s\n"):format(word(spec.build_dir), word(spec.build_dir))
      configure = { program = configure.program or "$top/configure", table.unpack(configure) }
    end
    phases.configure(pieces, configure)
    phases.make(pieces, spec.make or {})
    phases.install(pieces, spec.install or {})
  end
end)

-- Makefiles name the prefix in upper or in lower case, and set it themselves: only what stands on
-- the command line wins over that.
local prefix_vars = { prefix = "$PREFIX", PREFIX = "$PREFIX" }

local make_helper_fields = { targets = "texts", vars = "variables", install = phase_kind("install", make_fields) }

helper("make", make_helper_fields, function(spec)
  return function(pieces)
    local vars, install = P.also(prefix_vars, spec.vars), spec.install or {}
    phases.make(pieces, { vars = vars, table.unpack(spec.targets or {}) })
    phases.install(pieces, { vars = P.also(vars, install.vars), table.unpack(install) })
  end
end)

-- The helpers of one phase.
local tools = { cargo = cargo_fields, cmake = cmake_fields, go = go_fields, meson = cmake_fields, python = {} }
for name, known in pairs(tools) do
  helper(name, known, function(spec)
    return function(pieces)
      phases[name](pieces, spec)
    end
  end)
end

local method_fields = P.also(tools, { configure = configure_fields, make = make_fields, install = make_fields })

--- What a build function gets: every method adds to the pieces.
function P.builder(pieces, about)
  local methods, builder = { name = about.name, version = about.version }, nil
  local function method(name, call)
    methods[name] = native.entry(name, function(self, ...)
      if self ~= builder then
        complain(nil, ("call it as b:%s, with a colon"):format(name))
      end
      return call(...)
    end)
  end
  for name, known in pairs(method_fields) do
    method(name, function(spec)
      spec = spec == nil and {} or spec
      fields(spec, known, name)
      phases[name](pieces, spec)
    end)
  end
  method("sh", function(text)
    P.check(text, "string", "sh")
    pieces[#pieces + 1] = P.sh_piece(text)
  end)
  builder = P.sealed("builder", methods)
  return builder
end
