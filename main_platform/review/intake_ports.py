"""What the review does for the intake, as the application passes it in."""

from typing import Final

from main_platform.intake.ports import IntakePorts
from main_platform.review.lane import queue_lane
from main_platform.review.opening import open_reviews
from main_platform.review.queue import count_waiting, read_states, seconds_per_decision

INTAKE_PORTS: Final = IntakePorts(
    open_reviews=open_reviews,
    queue_lane=queue_lane,
    count_waiting=count_waiting,
    seconds_per_decision=seconds_per_decision,
    read_states=read_states,
)
