-- SPDX-License-Identifier: MIT
return package {
  name = "curl",
  version = "7.88.1",
  summary = "Transfers data from and to servers: HTTP/1.1, HTTP/2, TLS, zstd, gzip",
  homepage = "https://curl.se/",
  licence = "curl",
  main = "curl",
  deps = { "nghttp2", "openssl", "zlib", "zstd" },
  source = fetch {
    url = {
      "https://curl.se/download/curl-${version}.tar.gz",
      "mirror://debian/pool/main/c/curl/curl_${version}.orig.tar.gz",
    },
    sha256 = "cdb38b72e36bc5d33d5b8810f8018ece1baa29a8f215b4495e495ded82bbf3c7",
  },
  build = function(b)
    b:configure {
      "--disable-static",
      "--with-nghttp2",
      "--with-openssl",
      "--with-zlib",
      "--with-zstd",
      -- No path of the build machine is the right one: SSL_CERT_FILE says it at run time.
      "--without-ca-bundle",
      "--without-ca-path",
      "--without-brotli",
      "--without-libidn2",
      "--without-libpsl",
      "--without-libssh2",
      "--disable-ldap",
      "--disable-ldaps",
      "--disable-manual",
    }
    b:make()
    b:install()
  end,
  runtime = {
    deps = { "ca-certificates" },
    env = { SSL_CERT_FILE = { default = "${ROOT}/etc/ssl/cert.pem" } },
  },
  test = function(t)
    t:run { "curl", "--version", match = "curl ${version}" }
    t:run { "curl", "--version", match = "OpenSSL/3.0.20 zlib/1.2.13 zstd/1.5.4 nghttp2/1.52.0" }
    t:run { "curl", "--version", match = "HTTP2" }
    -- 7: the connection was refused. The bundle was read before that.
    t:run { "curl", "-sS", "https://127.0.0.1:9/", exit = 7, match = "Failed to connect" }
    t:run { "curl", "-sS", "file:///output/etc/ssl/cert.pem", match = "BEGIN CERTIFICATE" }
  end,
}
