-- SPDX-License-Identifier: MIT
-- Debian's own programs, pinned (toolchain.lock.json beside this file, refreshed by `brun lock -f`): what
-- tests/bench/launch measures and what tests/e2e/packages/debian.sh packs. The others are heavy.

return {
  default = debian {
    "bash", "bash-builtins", "busybox", "ca-certificates", "coreutils", "curl", "dash", "file", "g++", "gcc",
    "gdb", "git", "grep", "less", "libc-bin", "libc6-dev", "locales", "ncurses-base", "ncurses-bin",
    "openssh-client", "openssl", "perl", "python3", "python3-venv", "sed", "sqlite3", "tmux", "tzdata", "vim",
  },
  java = debian { "bash", "default-jre-headless", "libc-bin" },
  node = debian { "bash", "libc-bin", "nodejs" },
  rust = debian { "bash", "gcc", "libc-bin", "libc6-dev", "rustc" },
}
