return package { base = file { path = "bin/sh", text = "" },
  name = "x", version = "1", build = make {}, main = "x",
  runtime = {
    deps = {  }, libs = { "libnss_dns.so.2" },
    env = { A = { default = "${ROOT}/${version}" }, B = { unset = true }, PATH = { prepend = "${ROOT}/bin", separator = ":" } },
  },
}
