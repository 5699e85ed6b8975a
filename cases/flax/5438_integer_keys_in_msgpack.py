# /// script
# requires-python = ">=3.9"
# dependencies = ["flax"]
#
# [tool.case]
# issue = "https://github.com/google/flax/issues/5438"
# fixed-by = ["https://github.com/google/flax/pull/5446"]
# kind = "bug"
# api = ["flax.serialization.msgpack_restore", "flax.serialization.from_bytes"]
#
# [tool.case.failure]
# raises = "ValueError"
# match = "^int is not allowed for map key when strict_map_key=True$"
# failing = ["flax<0.12.8"]
#
# [tool.case.fix.from_bytes]
# source = "ours"
# refuted = ["flax"]              # read now, but it looks for strings among the keys
# raises = "ValueError"
# match = "^int is not allowed for map key|contains keys .* which are not present"
#
# [tool.case.fix.state_dict_first]
# source = "ours"
# ///
"""msgpack_restore cannot read what msgpack_serialize wrote of a dictionary with integer keys."""

from flax import serialization

LAYERS = {0: 1.0, 1: 2.0}


def failure() -> None:
    """What was serialised comes back."""
    restored = serialization.msgpack_restore(serialization.msgpack_serialize(LAYERS))
    assert restored == LAYERS, restored


def fix_from_bytes() -> None:
    """With from_bytes, which is given the target, the same bytes can be read."""
    restored = serialization.from_bytes(LAYERS, serialization.msgpack_serialize(LAYERS))
    assert restored == LAYERS, restored


def fix_state_dict_first() -> None:
    """Serialise with to_bytes: it makes a state dictionary first, with strings for keys."""
    restored = serialization.from_bytes(LAYERS, serialization.to_bytes(LAYERS))
    assert restored == LAYERS, restored


if __name__ == "__main__":
    failure()
