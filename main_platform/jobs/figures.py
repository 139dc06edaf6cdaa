"""Figures of the sequencer for Prometheus; an alarm on `kaixu_sequencer_paused` is a must."""

from prometheus_client import CollectorRegistry, Gauge

from main_platform.catalogue.run import Sequencer


def show_figures(registry: CollectorRegistry, sequencer: Sequencer) -> None:
    """Register what this process's sequencer knows; zeros where another process sequences."""
    size = Gauge(
        "kaixu_log_signed_size",
        "Entries signed, as this process last saw it.",
        registry=registry,
    )
    size.set_function(lambda: sequencer.signed_size)
    paused = Gauge(
        "kaixu_sequencer_paused",
        "1 while nothing is signed, since a node holds more of the log than this hub.",
        registry=registry,
    )
    paused.set_function(lambda: float(sequencer.paused is not None))
