---@meta
-- SPDX-License-Identifier: MIT
-- What a recipe may name, for the Lua language server. recipes/GUIDE.md explains it.
--
-- Every call checks all that it is given: an unknown field, a wrong type, or a part that is missing, ends the
-- evaluation with file, line and column.

---What an action makes: a fetched file or a tree.
---@class artifact

---What package{…} returns. Parts that `outputs` names are fields, too.
---@class package
---@field name string
---@field version string
---@field raw artifact what was installed
---@field dev artifact headers, static libraries, pkg-config files
---@field default artifact packed and tested

---What a build helper returns.
---@class build

---@alias tree artifact | package
---@alias dependency string | tree a sibling's name, a package or a tree

---@class limits
---@field time? integer seconds (4 hours)
---@field silence? integer seconds without output (1 hour)
---@field memory? integer bytes of all its processes (no limit)
---@field disk? integer bytes of all its files (64 GiB)
---@field log? integer bytes that it prints (256 MiB)
---@field processes? integer processes and threads at once (16384)

---A file, by its hash. `url` may be a list; mirror://NAME/path is looked up in the user's mirrors.
---@param spec { url: string | string[], sha256: string, name?: string }
---@return artifact file
function fetch(spec) end

---The contents of an archive: tar, zip, deb, or (named `single`) a lone compressed or plain file.
---@param spec { [1]: artifact, strip?: integer, single?: string }
---@return artifact tree
function unpack(spec) end

---Files that lie beside the recipe: `*` stops at a slash, `**` does not.
---@param patterns string[]
---@return artifact tree
function glob(patterns) end

---One small file, or a symlink.
---@param spec { path: string, text?: string, link?: string, mode?: "0644" | "0755" }
---@return artifact tree
function file(spec) end

---Trees laid over each other; two that disagree about a path are an error.
---@param trees tree[]
---@return artifact tree
function merge(trees) end

---A root file system of Debian packages and all that they depend on, pinned by toolchain.lock.json.
---@param names string[]
---@return artifact tree
function debian(names) end

---@class run_spec
---@field name string
---@field script string | string[] sh, run with `set -eu`
---@field base? tree what the step sees as / (default: the toolchain)
---@field deps? dependency[] merged under $PREFIX
---@field src? artifact the current directory
---@field env? table<string, string>
---@field network? boolean needs `output`
---@field output? string hash of the tree that must come out
---@field limits? limits

---What a script installs below $DESTDIR$PREFIX.
---@param spec run_spec
---@return artifact tree
function run(spec) end

---What the recipe of that name returned: beside this one, or of the library.
---@param name string
---@return any
function import(name) end

---@class operation exactly one of the first five
---@field default? string set where it is unset
---@field set? string
---@field prepend? string
---@field append? string
---@field unset? true
---@field separator? string between old and new (":")

---@class runtime
---@field deps? dependency[] laid beside the package in its output
---@field env? table<string, operation> ${ROOT} is the output directory
---@field libs? string[] sonames that are opened at run time

---@class tester
---@field name string
---@field version string
local tester = {}

---Runs a program of the output in an empty root. ${version} means the package's.
---@param step { [integer]: string, match?: string, exit?: integer, env?: table<string, string> }
function tester:run(step) end

---@class test_build_spec
---@field [integer] string pieces of script
---@field base? artifact instead of the package's own
---@field build_deps? dependency[]

---Builds programs that only the test has, from the package's source against the package. What the script installs
---under $DESTDIR$PREFIX (bin/ is there) lies beside the package's own files while the test runs, packed with them.
---@param spec string|test_build_spec
function tester:build(spec) end

---@class configure_spec
---@field [integer] string flags
---@field program? string instead of ./configure

---@class make_spec
---@field [integer] string targets
---@field vars? table<string, string>

---@class surroundings
---@field dir? string a directory of the source to build in
---@field before? string sh before it
---@field after? string sh behind it

---@class autotools_spec: surroundings
---@field configure? configure_spec
---@field make? make_spec
---@field install? make_spec
---@field reconf? boolean run autoreconf first
---@field build_dir? string build outside of the source

---@class makefile_spec: surroundings
---@field targets? string[]
---@field vars? table<string, string> prefix and PREFIX are set already
---@field install? make_spec

---@class cmake_flags
---@field configure? string[] flags
---@field options? table<string, string | integer | boolean> as -DNAME=value

---@class cmake_spec: cmake_flags, surroundings

---@class cargo_flags
---@field features? string[]
---@field bins? string[]
---@field flags? string[]
---@field path? string of the crate, "."

---@class cargo_spec: cargo_flags, surroundings
---@field vendor? tree with the crates in vendor/

---@class go_flags
---@field packages? string[] { "." }
---@field flags? string[]
---@field ldflags? string

---@class go_spec: go_flags, surroundings

---@class builder
---@field name string
---@field version string
local builder = {}

---Runs ./configure --prefix="$PREFIX" with these flags.
---@param spec? configure_spec
function builder:configure(spec) end

---Runs make with $JOBS jobs, these targets and variables.
---@param spec? make_spec
function builder:make(spec) end

---Runs make with DESTDIR set.
---@param spec? make_spec targets instead of `install`
function builder:install(spec) end

---Lines of sh, as they are. $name and $version are set.
---@param script string
function builder:sh(script) end

---Configures, builds and installs with CMake.
---@param spec? cmake_flags
function builder:cmake(spec) end

---Configures, builds and installs with Meson.
---@param spec? cmake_flags
function builder:meson(spec) end

---Runs cargo install, offline.
---@param spec? cargo_flags
function builder:cargo(spec) end

---Runs go build, offline.
---@param spec? go_flags
function builder:go(spec) end

---Builds a wheel and installs it.
---@param spec? {}
function builder:python(spec) end

---./configure, make, make install.
---@param spec autotools_spec
---@return build
function autotools(spec) end

---make, make install, with PREFIX and prefix set.
---@param spec makefile_spec
---@return build
function make(spec) end

---Configures, builds and installs with CMake, on the toolchain's `cmake`.
---@param spec cmake_spec
---@return build
function cmake(spec) end

---Configures, builds and installs with Meson, on the toolchain's `meson`.
---@param spec cmake_spec
---@return build
function meson(spec) end

---cargo install, offline, on the toolchain's `rust`; crates are taken from vendor/.
---@param spec cargo_spec
---@return build
function cargo(spec) end

---go build, offline, on the toolchain's `go`.
---@param spec go_spec
---@return build
function go(spec) end

---A wheel, installed, on the toolchain's `python`.
---@param spec surroundings
---@return build
function python(spec) end

---@class package_spec
---@field name string
---@field version string
---@field build build | fun(b: builder)
---@field source? artifact a fetched archive (its one top directory is dropped) or a tree
---@field patches? (string | artifact)[] files beside the recipe, or fetch{…}; applied with -p1
---@field deps? dependency[] what it links to, and needs to compile
---@field build_deps? dependency[] what only its build runs
---@field base? tree
---@field env? table<string, string> of the build
---@field test? fun(t: tester)
---@field runtime? runtime
---@field outputs? table<string, string[]> parts by globs, left out of the default
---@field main? string what `brun run` starts
---@field summary? string
---@field homepage? string
---@field licence? string
---@field update? { url?: string, pattern?: string }
---@field network? boolean
---@field output? string
---@field limits? limits

---Source, build, packing and test of one thing. `name`, `version` and `build` must be there; ${name}, ${version},
---${major} and ${minor} are filled in in addresses, tests and the run-time environment.
---@param spec package_spec
---@return package
function package(spec) end
