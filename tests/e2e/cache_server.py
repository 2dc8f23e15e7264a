#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A cache on loopback that fails in every way that tests/e2e/cache_*.sh ask for.

    cache_server.py FOLDER [CERT KEY]     prints its port; with CERT and KEY it speaks TLS

FOLDER is one in the layout of a folder cache, ac/HEX and cas/HEX. The first part of a path is a switch, what
follows is the name: /cut/cas/HEX. What is put lands in FOLDER under every switch that takes something.

    ok            as it should be
    all-500 ac-500 cas-500 cas-404 put-500
    ac-garbage    bytes that are no record
    ac-flip       the record with one digit changed
    ac-swap       the record of another action
    ac-huge cas-huge   bytes without end
    cas-garbage   other bytes of the same number
    cas-cut       half of it, time and again
    cas-resume    half of it, then the rest for who asks for that range
    cas-short     a Content-Length that is too small, cas-long one that is too large
    cas-die       half of it, then the server is gone
    cas-drip      a few bytes, then one now and then
    hang          no answer
    away          each question is sent on to /ok on this server under another host name
    round         each question is sent on to itself
    auth          401 without user "me" and password "secret"
    s3            AWS signature version 4 by key "KEY" and secret "SECRET", in path style: /s3/BUCKET/…; objects in
                  parts, too
    bazel         as bazel-remote with --disable_http_ac_validation: names are checked, a length is wanted, no ranges
    bazel-strict  as bazel-remote without it: what is put under ac/ has to be an ActionResult
    v2            an OCI registry that wants a token from /token, which wants the password; in a repository
                  named "broken" the first upload breaks off, and its place takes nothing more; in one named "halves" every
                  other chunk does in its middle

Every question is a line of FOLDER/log: METHOD PATH, and whether a password or token came with it.
"""
import base64, hashlib, hmac, http.server, itertools, json, os, re, ssl, sys, threading, time, urllib.parse

folder = sys.argv[1]
blobs, manifests, uploads, parts, lock = {}, {}, [], {}, threading.Lock()
counter = itertools.count()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def signature_is_right(method, path, headers, body):
    """AWS signature version 4, as its documentation has it."""
    text = headers.get("Authorization", "")
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=KEY/(\d{8})/([^/]+)/s3/aws4_request, ?"
        r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", text)
    if not found:
        return False
    day, region, signed, signature = found.groups()
    payload = headers.get("x-amz-content-sha256", "")
    if payload != sha256(body) or not {"host", "x-amz-content-sha256", "x-amz-date"} <= set(signed.split(";")):
        return False
    path, _, query = path.partition("?")
    if query.split("&") != sorted(query.split("&")) or "=" not in (query or "="):
        return False
    canonical = "\n".join(
        [method, urllib.parse.quote(path, safe="/-_.~%"), query]
        + [f"{name}:{' '.join(headers[name].split())}" for name in signed.split(";")]
        + ["", signed, payload])
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical.encode())])
    key = b"AWS4SECRET"
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), signature)


def is_message(data, depth=0):
    """Is it an ActionResult on the wire (protobuf)? Fields 2, 3, 7, 8, 9, 10 and 12 are messages."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    try:
        while at < len(data):
            key = varint()
            kind = key & 7
            if kind == 0:
                varint()
            elif kind in (1, 5):
                at += 8 if kind == 1 else 4
            elif kind == 2:
                length = varint()
                part = data[at:at + length]
                at += length
                if depth == 0 and key >> 3 in (2, 3, 7, 8, 9, 10, 12) and at <= len(data) and not is_message(part, 1):
                    return False
            else:
                return False
    except IndexError:
        return False
    return at == len(data)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end(self):
        """Closes in the middle of whatever goes on."""
        self.wfile.flush()
        self.close_connection = True

    def chunks_without_end(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def has_password(self):
        return self.headers.get("Authorization") == "Basic " + base64.b64encode(b"me:secret").decode()

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock, open(folder + "/log", "a") as log:
            print(self.command, self.path, self.headers.get("Authorization", "-").split(" ")[0], file=log)
        switch, _, name = self.path.lstrip("/").partition("/")
        switch = switch.partition("?")[0]
        try:
            if switch in ("v2", "token"):
                self.registry(switch, name, body)
            elif switch == "s3" and not signature_is_right(self.command, self.path, self.headers, body):
                self.answer(403)
            elif switch == "s3" and "?" in name:
                self.s3_upload(name.partition("/")[2], body)
            else:
                self.cache(switch, name.partition("/")[2] if switch == "s3" else name, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = do

    def cache(self, switch, name, body):
        kind = name.partition("/")[0]
        path = f"{folder}/{name}"
        if switch.startswith("bazel"):
            return self.bazel(switch, name, body)
        if switch == "hang":
            time.sleep(60)
            return self.end()
        if switch == "away":
            host = self.headers["Host"].replace("127.0.0.1", "localhost")
            return self.answer(302, headers=[("Location", f"http://{host}/ok/{name}")])
        if switch == "round":
            return self.answer(302, headers=[("Location", self.path)])
        if switch == "auth" and not self.has_password():
            return self.answer(401, headers=[("WWW-Authenticate", 'Basic realm="cache"')])
        if switch in ("all-500", kind + "-500") or (switch == "put-500" and self.command == "PUT"):
            return self.answer(500)
        if self.command == "PUT":
            if kind == "cas" and name != "cas/" + sha256(body):
                return self.answer(400)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body)
            return self.answer(201)
        if not os.path.exists(path) or switch == kind + "-404":
            return self.answer(404)
        with open(path, "rb") as file:
            self.give(switch, kind, name, file.read())

    def s3_upload(self, name, body):
        """An object in parts; the first try of part 2 of the first upload fails, for good if the prefix is "bad"."""
        name, _, query = name.partition("?")
        query = urllib.parse.parse_qs(query, keep_blank_values=True)
        if self.command == "POST" and "uploads" in query:
            id = f"an/id+{next(counter)}"
            parts[id] = {}
            text = f"<?xml version='1.0'?><InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            return self.answer(200, text.encode())
        upload = parts.get(query["uploadId"][0])
        if upload is None:
            return self.answer(404)
        if self.command == "DELETE":
            del parts[query["uploadId"][0]]
            return self.answer(204)
        if self.command == "PUT":
            number = int(query["partNumber"][0])
            if number == 2 and (name.startswith("bad/") or not upload.setdefault("failed", False)):
                upload["failed"] = True
                return self.answer(500)
            upload[number] = body
            return self.answer(200, headers=[("ETag", f'"{hashlib.md5(body).hexdigest()}"')])
        listed = re.findall(r'<PartNumber>(\d+)</PartNumber><ETag>"([0-9a-f]+)"</ETag>', body.decode())
        have = [(number, data) for number, data in sorted((n, d) for n, d in upload.items() if n != "failed")]
        if [(int(n), tag) for n, tag in listed] != [(n, hashlib.md5(d).hexdigest()) for n, d in have]:
            return self.answer(200, b"<Error><Code>InvalidPart</Code></Error>")
        del parts[query["uploadId"][0]]
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "wb") as file:
            file.write(b"".join(data for _, data in have))
        return self.answer(200, b"<CompleteMultipartUploadResult/>")

    def bazel(self, switch, name, body):
        """As its server/http.go has it."""
        found = re.fullmatch("(.*/)?(ac|cas)/([a-f0-9]{64})", name)
        if not found:
            return self.answer(400, b"resource name must be a SHA256 hash in hex")
        kind, key = found.group(2), found.group(3)
        path = f"{folder}/{switch}/{kind}/{key}"
        if self.command == "PUT":
            if self.headers.get("Content-Length") is None:
                return self.answer(400, b"PUT without Content-Length")
            if kind == "cas" and sha256(body) != key:
                return self.answer(400, b"checksums don't match")
            if kind == "ac" and switch == "bazel-strict" and not is_message(body):
                return self.answer(400, b"proto: cannot parse invalid wire-format data")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body)
            return self.answer(200)
        if self.command not in ("GET", "HEAD"):
            return self.answer(405)
        if not os.path.exists(path):
            return self.answer(404, b"Not found\n")
        with open(path, "rb") as file:
            return self.answer(200, file.read(), [("Content-Type", "application/octet-stream")])

    def give(self, switch, kind, name, data):
        half = len(data) // 2
        if switch == "ac-garbage" and kind == "ac":
            return self.answer(200, b"brun statement 1\n\0\xff" * 20)
        if switch == "ac-flip" and kind == "ac":
            at = data.index(b"\noutput ") + 8
            return self.answer(200, data[:at] + (b"0" if data[at:at + 1] != b"0" else b"1") + data[at + 1:])
        if switch == "ac-swap" and kind == "ac":
            other = [n for n in sorted(os.listdir(folder + "/ac")) if n not in name][0]
            with open(f"{folder}/ac/{other}", "rb") as file:
                return self.answer(200, file.read())
        if switch == kind + "-huge":
            return self.chunks_without_end()
        if kind != "cas" or not switch.startswith("cas-"):
            return self.answer(200, data)
        if switch == "cas-garbage":
            return self.answer(200, bytes(255 - byte for byte in data))
        if switch == "cas-short":
            self.answer(200, data, length=half)
            return self.end()
        if switch == "cas-long":
            self.answer(200, data, length=len(data) + 100)
            return self.end()
        if switch == "cas-resume" and self.headers.get("Range"):
            start = int(self.headers["Range"][6:-1])
            return self.answer(206, data[start:], [("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")])
        self.answer(200, data[:half], length=len(data))
        self.wfile.flush()
        if switch == "cas-die":
            os._exit(0)
        while switch == "cas-drip":
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.2)
        self.end()

    def registry(self, switch, name, body):
        if switch == "token":
            if not self.has_password():
                return self.answer(401)
            return self.answer(200, json.dumps({"token": "a-token"}).encode())
        if self.headers.get("Authorization") != "Bearer a-token":
            realm = f'http://{self.headers["Host"]}/token'
            return self.answer(401, headers=[(
                "WWW-Authenticate", f'Bearer realm="{realm}",service="here",scope="repository:x:pull,push"')])
        repository, _, rest = name.partition("/blobs/")
        if rest == "uploads/":
            with lock:
                uploads.append({"is_broken": repository == "broken" and not uploads, "data": b"", "chunks": 0})
                at = f"/v2/{repository}/blobs/uploads/{len(uploads) - 1}?state=x%2By"
            return self.answer(202, headers=[("Location", at)])
        if rest.startswith("uploads/"):
            upload = uploads[int(re.match("[0-9]+", rest[8:]).group())]
            if upload["is_broken"]:
                return self.end()
            if self.command in ("PATCH", "GET"):
                return self.chunk(repository, upload, body)
            body = upload["data"] + body
            digest = urllib.parse.parse_qs(rest.partition("?")[2])["digest"][0]
            if digest != "sha256:" + sha256(body) or "state=x%2By" not in rest:
                return self.answer(400)
            blobs[digest] = body
            return self.answer(201)
        store, key = (blobs, rest) if rest else (manifests, name)
        if self.command == "PUT":
            manifest = json.loads(body)
            needed = [manifest["config"]["digest"]] + [layer["digest"] for layer in manifest["layers"]]
            if any(digest not in blobs for digest in needed):
                return self.answer(404)
            store[key] = body
            return self.answer(201)
        return self.answer(200, store[key]) if key in store else self.answer(404)


    def chunk(self, repository, upload, body):
        """In a repository named "halves" every other chunk breaks off in the middle; one named
        "stays" says only at the beginning where an upload goes on."""
        data = upload["data"]
        if self.command == "PATCH":
            if self.headers.get("Content-Range") != f"{len(data)}-{len(data) + len(body) - 1}":
                return self.answer(416)
            upload["chunks"] += 1
            if repository == "halves" and upload["chunks"] % 2:
                upload["data"] += body[:len(body) // 2]
                return self.end()
            upload["data"] += body
        headers = [("Range", f'0-{max(0, len(upload["data"]) - 1)}')]
        if repository != "stays":
            headers.append(("Location", self.path))
        return self.answer(202 if self.command == "PATCH" else 204, headers=headers)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
