# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2244"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2245"]
# kind = "drift"
# api = [
#     "numpyro.sample",
#     "numpyro.infer.TraceGraph_ELBO",
#     "numpyro.infer.Trace_ELBO",
#     "numpyro.infer.inspect.get_model_relations",
# ]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^length mismatch: \[3, 1\]$'
# failing = ["numpyro>=0.21,<0.22", "jax>=0.11.1"]
#
# [tool.case.fix.inspect]
# source = "documented"
# refuted = ["numpyro>=0.21,<0.22", "jax>=0.11.1"]
# raises = "AssertionError"
# match = '^length mismatch: \[3, 2\]$'
#
# [tool.case.fix.trace_elbo]
# source = "ours"
#
# [tool.case.fix.no_arrays_in_the_model]
# source = "ours"
# ///
"""NumPyro 0.21.0 with JAX 0.11.1 cannot trace dependencies in a model that uses an array."""
