-- SPDX-License-Identifier: MIT
return package {
  name = "openssl",
  version = "3.0.20",
  summary = "TLS and cryptography libraries and their command-line tool",
  homepage = "https://www.openssl.org/",
  licence = "Apache-2.0",
  main = "openssl",
  source = fetch {
    url = {
      "https://github.com/openssl/openssl/releases/download/openssl-${version}/openssl-${version}.tar.gz",
      "mirror://debian/pool/main/o/openssl/openssl_${version}.orig.tar.gz",
    },
    sha256 = "c80a01dfc70ece4dc21168932c37739042d404d46ccc81a5986dd75314ecda6f",
  },
  build = function(b)
    b:sh [[
      ./Configure linux-x86_64 shared no-tests no-engine \
        --prefix="$PREFIX" --libdir=lib --openssldir="$PREFIX/etc/ssl"
    ]]
    b:make()
    b:sh [[
      make install_sw install_ssldirs DESTDIR="$DESTDIR"
      # The rest of what is installed are Perl scripts and duplicates.
      cd "$DESTDIR$PREFIX"
      rm -r lib/*.a bin/c_rehash etc/ssl/misc etc/ssl/*.dist
    ]]
  end,
  runtime = {
    deps = { "ca-certificates" },
    env = {
      OPENSSL_CONF = { default = "${ROOT}/etc/ssl/openssl.cnf" },
      OPENSSL_MODULES = { default = "${ROOT}/lib/ossl-modules" },
      SSL_CERT_FILE = { default = "${ROOT}/etc/ssl/cert.pem" },
    },
  },
  test = function(t)
    t:run { "openssl", "version", match = "OpenSSL ${version}" }
    -- Opens the module that lies beside the libraries.
    t:run { "openssl", "list", "-providers", "-provider", "legacy", match = "OpenSSL Legacy Provider" }
    t:run { "openssl", "x509", "-in", "/output/etc/ssl/cert.pem", "-noout", "-subject", match = "subject=" }
  end,
}
