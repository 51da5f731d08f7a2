# syntax=docker/dockerfile:1
# Small image of the server: no shell, no root. The build needs no database: sqlx-data.json
# describes the queries.
#
#   docker build -t kuku-coach .

FROM rust:1.95-bookworm AS build
WORKDIR /src
# A layer with the dependencies alone, which is built again only when they change.
COPY Cargo.toml Cargo.lock build.rs sqlx-data.json ./
# The build script makes automata of the phrases.
COPY src/domain/phrases src/domain/phrases
RUN mkdir migrations && echo 'fn main() {}' > src/main.rs && touch src/lib.rs && \
    cargo build --profile dist --locked
COPY migrations migrations
COPY src src
COPY web web
RUN touch src/main.rs src/lib.rs && cargo build --profile dist --locked && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="Kuku Coach backend" \
      org.opencontainers.image.description="Coaching conversations by voice, durable in Postgres" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /src/target/dist/kuku-coach /usr/local/bin/kuku-coach
# Uploads in progress and, unless KUKU_AUDIO_STORE is set, reply audio: both are temporary. No
# embedded Postgres: it would be lost with the container, so DATABASE_URL has to be set.
COPY --from=build --chown=65532:65532 /data /data
ENV HOST=0.0.0.0 PORT=8000 KUKU_DATA_DIR=/data KUKU_DATABASE__EMBEDDED=false KUKU_LOG__FORMAT=json
EXPOSE 8000
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s \
    CMD ["/usr/local/bin/kuku-coach", "ready"]
ENTRYPOINT ["/usr/local/bin/kuku-coach"]
