"""What karmalog works with, real and local: Kafka and Redis as child processes that tests may hurt."""

from tests.services.kafka import Broker, Kafka
from tests.services.process import Process, free_ports
from tests.services.redis import Redis

__all__ = ["Broker", "Kafka", "Process", "Redis", "free_ports"]
