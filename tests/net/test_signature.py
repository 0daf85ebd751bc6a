"""Ed25519 keys and signatures."""

import pytest

from qtchat.net.signature import SigningKey, verify


def test_a_signature_holds_for_its_key_and_content_only() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = key.sign(b"content")
    assert len(key.public_key) == 32
    assert len(signature) == 64
    assert verify(key.public_key, b"content", signature)
    assert not verify(key.public_key, b"Content", signature)
    assert not verify(other.public_key, b"content", signature)


@pytest.mark.parametrize(
    ("public_key", "signature"),
    [(b"", bytes(64)), (bytes(31), bytes(64)), (bytes(33), bytes(64)), (b"\xff" * 32, bytes(64)), (bytes(32), b"")],
)
def test_malformed_keys_and_signatures_do_not_verify(public_key: bytes, signature: bytes) -> None:
    assert not verify(public_key, b"content", signature)


def test_a_key_survives_being_stored() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_bytes(key.to_bytes())
    assert again.public_key == key.public_key
    assert verify(key.public_key, b"content", again.sign(b"content"))


def test_any_flipped_bit_of_a_stored_key_is_noticed() -> None:
    content = SigningKey.generate().to_bytes()
    for bit in range(len(content) * 8):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="do not belong together"):
            SigningKey.from_bytes(bytes(damaged))


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_a_stored_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        SigningKey.from_bytes(bytes(size))
