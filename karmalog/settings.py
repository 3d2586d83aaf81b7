"""Settings: every one is an environment variable `KARMALOG_…`; a command's option wins over it."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.envelope import ORGANISATION
from schemas.words import OrgId
from streams.tuning import Tuning


class Settings(BaseSettings):
    """What a process is told from outside."""

    model_config = SettingsConfigDict(env_prefix="KARMALOG_", extra="ignore")

    org: OrgId = Field(
        OrgId("default"), pattern=ORGANISATION, description="the organisation of commands, and of events that name none"
    )
    data: Path = Field(Path("karmalog-data"), description="data folder: log and store in one process")
    url: str | None = Field(None, description="a running server that commands go through")
    key: str | None = Field(None, description="the key for it")
    kafka: str | None = Field(None, description="Kafka's addresses, host:port with commas")
    redis: str | None = Field(None, description="Redis, redis://host:port/0")
    secret: str | None = Field(None, description="keys all hashes; required with Kafka, and the same for ever")
    topics: str = Field("karmalog.", description="what topic names begin with")
    host: str = Field("127.0.0.1", description="the address the API listens on")
    port: int = Field(8080, ge=0, le=65_535, description="the port the API listens on; 0 takes a free one")
    sources: str = Field("", description="sources, with commas, that may publish people's events on Kafka")
    session_s: float = Field(10.0, ge=1.0, le=300.0, description="seconds after which a silent process is replaced")
    reactions: bool = Field(True, description="whether a worker also announces badges; else another one has to")
    batch: int = Field(5_000, ge=1, le=100_000, description="records folded at once, at most")
    memory_mb: int = Field(512, ge=16, description="memory for members in a worker, about")
    hot_days: int = Field(35, ge=1, le=3_650, description="how late an event may be without a cost")

    def tuning(self) -> Tuning:
        """The projector's bounds."""
        return Tuning(batch=self.batch, memory_bytes=self.memory_mb << 20, hot_days=self.hot_days)
