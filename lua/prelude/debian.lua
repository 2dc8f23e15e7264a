-- SPDX-License-Identifier: MIT
-- debian{…}: a root file system out of pinned packages.
local native = ...
local P = native.prelude
local complain = P.complain

local LOCK = "toolchain.lock.json"

-- What maintainer scripts would have made, by the package whose script it is: update-alternatives'
-- links with the choice of the highest priority, and the files that base-passwd and libc-bin bring.
local links = {
  ["automake"] = { ["usr/bin/automake"] = "automake-1.16", ["usr/bin/aclocal"] = "aclocal-1.16" },
  ["bison"] = { ["usr/bin/yacc"] = "bison.yacc" },
  ["cpp"] = { ["usr/lib/cpp"] = "../bin/cpp" },
  ["debianutils"] = { ["usr/bin/which"] = "which.debianutils" },
  ["g++"] = { ["usr/bin/c++"] = "g++" },
  ["gawk"] = { ["usr/bin/awk"] = "gawk", ["usr/bin/nawk"] = "gawk" },
  ["gcc"] = { ["usr/bin/cc"] = "gcc", ["usr/bin/c89"] = "c89-gcc", ["usr/bin/c99"] = "c99-gcc" },
  ["libblas3"] = {
    ["usr/lib/x86_64-linux-gnu/libblas.so.3"] = "blas/libblas.so.3",
  },
  ["liblapack3"] = {
    ["usr/lib/x86_64-linux-gnu/liblapack.so.3"] = "lapack/liblapack.so.3",
  },
  ["mawk"] = { ["usr/bin/awk"] = "mawk", ["usr/bin/nawk"] = "mawk" },
  ["xz-utils"] = { ["usr/bin/lzcat"] = "xzcat", ["usr/bin/lzma"] = "xz", ["usr/bin/unlzma"] = "unxz" },
}

local files = {
  ["etc/group"] = "root:x:0:\ntty:x:5:\nbuilder:x:1000:\nnogroup:x:65534:\n",
  ["etc/hosts"] = "127.0.0.1 localhost\n::1 localhost\n",
  ["etc/nsswitch.conf"] = "passwd: files\ngroup: files\nhosts: files dns\n",
  ["etc/passwd"] = "root:x:0:0:root:/root:/bin/sh\nbuilder:x:1000:1000:builder:/build/home:/bin/sh\n"
    .. "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
}

-- By the directory that a recipe looks from, for a toolchain has many bases out of one lock.
local locks = {}

local function read_lock()
  local place = table.concat({ native.here() }, " ")
  local lock = locks[place] or native.json(LOCK)
  locks[place] = lock
  if not lock then
    complain(nil, ("there is no %s beside the recipe, nor in the library: run `brun lock`"):format(LOCK))
  elseif lock.version ~= 1 or type(lock.packages) ~= "table" then
    complain(nil, ("%s is not of version 1: run `brun lock`"):format(LOCK))
  end
  return lock
end

local function is_entry(entry)
  return type(entry) == "table" and type(entry.path) == "string" and type(entry.sha256) == "string"
    and type(entry.version) == "string" and type(entry.depends) == "table"
end

--- The names of the wanted packages and of all that they depend on, sorted.
local function closure(lock, wanted)
  local assumed, found, names = {}, {}, {}
  for _, name in ipairs(lock.assumed or {}) do
    assumed[name] = true
  end
  local function visit(name, path, why)
    if assumed[name] or found[name] then
      return
    end
    local entry = lock.packages[name]
    if not entry then
      complain(path, ("the package '%s'%s is not in %s: run `brun lock %s`"):format(name, why, LOCK, name), name,
        P.names(lock.packages))
    elseif not is_entry(entry) then
      complain(path, ("the entry of '%s' in %s is damaged: run `brun lock`"):format(name, LOCK))
    end
    found[name] = true
    names[#names + 1] = name
    for _, inner in ipairs(entry.depends) do
      visit(inner, path, (" that %s depends on"):format(name))
    end
  end
  for i, name in ipairs(wanted) do
    visit(name, { i }, "")
  end
  table.sort(names)
  return names, found
end

local function file(path, field, value)
  return { "file", native.add("file", path, { path = path, [field] = value }) }
end

--- The files for the packages that are there; gawk's links win over mawk's, as their priorities say.
local function add_files(inputs, found)
  local made = {}
  for path, text in pairs(files) do
    made[path] = file(path, "text", text)
  end
  if not found["libc-bin"] then
    made["etc/ld.so.conf"] = file("etc/ld.so.conf", "text", "include /etc/ld.so.conf.d/*.conf\n")
  end
  for name, targets in pairs(links) do
    if found[name] then
      for path, target in pairs(targets) do
        made[path] = made[path] or file(path, "link", target)
      end
    end
  end
  for _, input in pairs(made) do
    inputs[#inputs + 1] = input
  end
end

--- What dpkg would know of a package. The pool's paths have its source and its architecture:
--- pool/main/g/glibc/libc6_2.36-9+deb12u13_amd64.deb.
local function describe(name, entry, lock)
  local source, architecture = entry.path:match("^pool/[^/]+/[^/]+/([^/]+)/[^/_]+_[^/_]+_([^/_]+)%.deb$")
  architecture = architecture or lock.architecture
  if not architecture then
    complain(nil, ("%s has no architecture: run `brun lock`"):format(LOCK))
  end
  local text = ("%s:%s=%s"):format(name, architecture, entry.version)
  return source and source ~= name and text .. " from " .. source or text
end

local pinned = {}

--- A lock's entry as a tree, and as dpkg would know it; made once, for most of them are in every base.
local function pin(name, entry, lock)
  local package = pinned[entry]
  if not package then
    local deb = native.add("fetch", ("%s %s"):format(name, entry.version),
      { urls = { "mirror://debian/" .. entry.path }, sha256 = entry.sha256 })
    package = {
      tree = native.add("unpack", name, {}, { { "artifact", deb } }),
      description = describe(name, entry, lock),
    }
    pinned[entry] = package
  end
  return package
end

--- Packages by name, with all that they depend on, at the versions that the lock pins.
function P.public.debian(spec)
  P.check(spec, "texts", "debian")
  if #spec == 0 then
    complain(nil, "debian needs the name of a package")
  end
  local lock = read_lock()
  local names, found = closure(lock, spec)
  local inputs, packages = {}, {}
  for i, name in ipairs(names) do
    local package = pin(name, lock.packages[name], lock)
    inputs[i] = { "package", package.tree }
    packages[i] = package.description
  end
  if #inputs == 0 then
    complain(nil, "all of these packages are in the lock's list of assumed ones: nothing is left")
  end
  add_files(inputs, found)
  local title = table.concat(spec, " ", 1, math.min(#spec, 3)) .. (#spec > 3 and " …" or "")
  return native.add("debian", "base of " .. title, { packages = packages }, inputs)
end
