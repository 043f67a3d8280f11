"""A diamond with its cut and loupe facets, and contracts to use as further facets."""

from __future__ import annotations

import pytest

from .support import Chain, Contract, Diamond, artifact, our_diamond, reference_diamond


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def probe(chain: Chain) -> Contract:
    """A facet, not in the diamond yet."""
    return chain.deploy(artifact("DiamondProbeFacet"), 1)


@pytest.fixture
def other(chain: Chain) -> Contract:
    """Another deployment of the same facet."""
    return chain.deploy(artifact("DiamondProbeFacet"), 2)


@pytest.fixture
def diamond(chain: Chain) -> Diamond:
    return our_diamond(chain)


@pytest.fixture
def standard(chain: Chain) -> Diamond:
    return reference_diamond(chain)
