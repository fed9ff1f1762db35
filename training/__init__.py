"""The training recipe: from French-English pairs to the model that `scripts/embed_model.py` puts into the package.

One way through, a module a room, each with the functions that its name promises::

    files ── corpus ──> pairs ── filters ──> kept ── links, annotation, likeness ──> prepare: shards and a manifest
                                                                                            │
    Hugging Face Marian folder, or nothing ── start ──> a run's folder ─────────────────────┤
                                                                                            v
      augmentation ──> pieces ──> packing ──> model ──> loss ──> optimizers, schedule ── train ──> state, curves
                                                                                            │
                                                     averaging ──> export ──> evaluation ──> card

`python -m training --help` says how each step is called, `training/README.md` why it is as it is and what it costs. Nothing here
is part of the wheel; the package never imports it.
"""
