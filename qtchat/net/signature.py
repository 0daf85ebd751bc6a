"""Ed25519: the key that a profile signs its logins with, and the check of such a signature."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_SEED_SIZE = 32


class SigningKey:
    """An Ed25519 private key. Immutable, so any thread may use it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key: bytes = key.public_key().public_bytes_raw()
        """The 32 bytes that others know this key by."""

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, content: bytes) -> "SigningKey":
        """Read what `to_bytes` gave. Raises ValueError if that is not a whole, undamaged key."""
        if len(content) != 2 * _SEED_SIZE:
            raise ValueError(f"a key has {2 * _SEED_SIZE} bytes, not {len(content)}")
        key = cls(Ed25519PrivateKey.from_private_bytes(content[:_SEED_SIZE]))
        if key.public_key != content[_SEED_SIZE:]:
            raise ValueError("the two halves of the key do not belong together")
        return key

    def to_bytes(self) -> bytes:
        """The secret seed and the public key, 32 bytes each, as NaCl keeps them.

        Any 32 bytes are a valid seed; only the public key beside it shows a flipped bit.
        """
        return self._key.private_bytes_raw() + self.public_key

    def sign(self, content: bytes) -> bytes:
        """The signature over `content`, 64 bytes."""
        return self._key.sign(content)


def verify(public_key: bytes, content: bytes, signature: bytes) -> bool:
    """Whether the owner of `public_key` (32 bytes) signed `content`. Malformed keys and signatures give False."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
