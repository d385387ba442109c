#!/usr/bin/env python3
"""Computes every figure of the worked example in protocol.md, from fixed seeds and nothing else.

Needs Python 3.9 and the package `cryptography`. Prints the example; with `--check` it says instead
whether protocol.md still shows the same bytes.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

EVENT_DOMAIN = b"lien-cong/event/v1\n"


def canonical(document):
    """RFC 8785 for our documents: member names are ASCII and numbers are integers."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(data):
    return "sha-256:" + hashlib.sha256(data).hexdigest()


class Key:
    def __init__(self, seed):
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.x = base64url(self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": self.x}
        self.id = base64url(hashlib.sha256(canonical(jwk)).digest())

    def sign(self, message):
        signature = self.private.sign(message)
        self.private.public_key().verify(signature, message)
        return signature


def signed(header, key):
    """The bytes of a header, the digest the next one names, and the signature."""
    data = canonical(header)
    return data, digest(EVENT_DOMAIN + data), base64url(key.sign(EVENT_DOMAIN + data))


def signature_headers(components, key, created, nonce, tag):
    """RFC 9421: the base that is signed, and the two headers that carry it."""
    covered = " ".join(f'"{name}"' for name, _ in components)
    parameters = (
        f'({covered});created={created};expires={created + 300};nonce="{nonce}"'
        f';keyid="{key.id}";alg="ed25519";tag="{tag}"'
    )
    lines = [f'"{name}": {value}' for name, value in components]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return base, f"sig={parameters}", f"sig=:{signature}:"


def fingerprint(key):
    """What stands at the end of the enrolment codes of a hub with this key."""
    return hashlib.sha256(key.id.encode()).hexdigest()[:8].upper()


def content_digest(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


# Everything below follows from these.
COMMUNE = Key(bytes(range(32)))
HUB = Key(bytes(range(32, 64)))
COMMUNE_SITE = "0199a000-0000-7000-8000-000000000001"
COMMUNE_UNIT = "0199a000-0000-7000-8000-000000000002"
HUB_SITE = "0199a000-0000-7000-8000-000000000003"
LOG = "0199a000-0000-7000-8000-000000000004"
ENTRY = "0199a000-0000-7000-8000-000000000005"
STREAM = "0199a000-0000-7000-8000-000000000006"
CREATED = 1795395600  # 2026-11-23T01:00:00Z

CONTENT = {
    "id": f"urn:uuid:{ENTRY}",
    "url": "https://konbraih.quangngai.example/bai-viet/vao-mua-ca-phe-"
    + ENTRY.replace("-", ""),
    "title": "Vào mùa cà phê",
    "content_html": "<p>Bà con vào vụ.</p>",
    "date_published": "2026-11-23T01:00:00Z",
    "language": "vi",
    "authors": [{"name": "A Mẫu"}],
    "_entry": {"kind": "article", "section": "kinh-te"},
}

PUBLISHED = {
    "v": 1,
    "log": LOG,
    "seq": 1,
    "site": COMMUNE_SITE,
    "unit": COMMUNE_UNIT,
    "key": COMMUNE.id,
    "lane": "regular",
    "kind": "entry.published",
    "entry": ENTRY,
    "rev": 1,
    "content": digest(canonical(CONTENT)),
    "time": "2026-11-23T01:00:00.000Z",
}


def example():
    """The parts of the example, in the order of the document: a name and the exact text."""
    first, first_digest, first_signature = signed(PUBLISHED, COMMUNE)
    withdrawn = {
        **{name: PUBLISHED[name] for name in ("v", "log", "site", "unit", "key", "entry")},
        "seq": 2,
        "prev": first_digest,
        "lane": "urgent",
        "kind": "entry.withdrawn",
        "rev": 2,
        "time": "2026-11-23T02:00:00.000Z",
    }
    second, second_digest, second_signature = signed(withdrawn, COMMUNE)

    batch = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Trang thông tin điện tử xã Kon Braih",
        "home_page_url": "https://konbraih.quangngai.example",
        "items": [
            {**CONTENT, "_lien_cong": {"header": PUBLISHED, "signature": first_signature,
                                       "mode": "suggested"}}
        ],
        "_lien_cong": {
            "v": 1,
            "stream": STREAM,
            "lane": "regular",
            "from": COMMUNE_SITE,
            "to": HUB_SITE,
            "after": 0,
            "through": 1,
            "head": 1,
        },
    }
    body = canonical(batch)
    nonce = base64url(bytes(range(18)))
    request = [
        ("@method", "POST"),
        ("@target-uri", "https://quangngai.example/v1/inbox"),
        ("content-type", "application/feed+json"),
        ("content-digest", content_digest(body)),
    ]
    request_base, request_input, request_signature = signature_headers(
        request, COMMUNE, CREATED, nonce, "lien-cong-v1"
    )

    receipt = {
        "v": 1,
        "stream": STREAM,
        "lane": "regular",
        "cursor": 1,
        "outcomes": [{"log": LOG, "seq": 1, "digest": first_digest, "outcome": "accepted"}],
    }
    told = canonical(receipt)
    answer = [
        ("@status", "200"),
        ("content-type", "application/json"),
        ("content-digest", content_digest(told)),
    ]
    answer_base, answer_input, answer_signature = signature_headers(
        answer, HUB, CREATED + 1, nonce, "lien-cong-v1-answer"
    )

    return [
        ("public key x", COMMUNE.x),
        ("key id", COMMUNE.id),
        ("hub public key x", HUB.x),
        ("hub key id", HUB.id),
        ("hub fingerprint", fingerprint(HUB)),
        ("content, canonical", canonical(CONTENT).decode()),
        ("content digest", PUBLISHED["content"]),
        ("header 1, canonical", first.decode()),
        ("header 1 digest", first_digest),
        ("signature 1", first_signature),
        ("header 2, canonical", second.decode()),
        ("header 2 digest", second_digest),
        ("signature 2", second_signature),
        ("batch", body.decode()),
        ("request base", request_base),
        ("request Signature-Input", request_input),
        ("request Signature", request_signature),
        ("receipt", told.decode()),
        ("answer base", answer_base),
        ("answer Signature-Input", answer_input),
        ("answer Signature", answer_signature),
    ]


def main():
    if sys.argv[1:] == ["--check"]:
        document = pathlib.Path(__file__).with_name("protocol.md").read_text(encoding="utf-8")
        missing = [name for name, text in example() if text not in document]
        if missing:
            sys.exit("protocol.md no longer shows: " + ", ".join(missing))
        print("protocol.md shows the computed example")
        return
    for name, text in example():
        print(f"{name}\n{text}\n")


if __name__ == "__main__":
    main()
