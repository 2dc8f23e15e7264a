-- SPDX-License-Identifier: MIT
-- The bases that recipes build on: pinned packages of Debian bookworm (toolchain.lock.json, made
-- and refreshed by `brun lock`). `default` is what a C or C++ package with configure and make needs;
-- the others add to it.

local lean = {
  "bash", "binutils", "bzip2", "coreutils", "dash", "debianutils", "diffutils", "file", "findutils",
  "g++", "gcc", "grep", "gzip", "libc-bin", "libc6-dev", "m4", "make", "mawk", "patch", "perl",
  "pkgconf", "sed", "tar", "xz-utils",
}

---@param names string[]
---@return string[]
local function lean_and(names)
  local all = table.move(lean, 1, #lean, 1, {})
  return table.move(names, 1, #names, #all + 1, all)
end

return {
  default = debian(lean),
  autotools = debian(lean_and { "autoconf", "automake", "gettext", "libtool" }),
  cmake = debian(lean_and { "cmake", "ninja-build" }),
  meson = debian(lean_and { "meson", "ninja-build", "python3" }),
  python = debian(lean_and {
    "python3", "python3-build", "python3-installer", "python3-pip", "python3-setuptools", "python3-wheel",
  }),
  rust = debian(lean_and { "cargo", "rustc" }),
  go = debian(lean_and { "golang-go" }),
}
