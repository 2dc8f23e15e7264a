return package {
  name = "certs", version = "2", build = make {},
  runtime = { env = { A = { set = "no" }, SSL_CERT_FILE = { default = "${ROOT}/etc/ssl/cert.pem" } } },
}
