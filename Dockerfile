# Two stages: the build has the toolchain, the image has the binary.
FROM rust:1.95-bookworm AS build
WORKDIR /src
# libpq and openssl are built from source by their crates; perl and make are what openssl needs.
RUN apt-get update && apt-get install -y --no-install-recommends perl make && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cargo build --release --locked -p laogan

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/laogan laogan
COPY --from=build /src/target/release/laogan /usr/local/bin/laogan
USER laogan
ENV LAOGAN_DATA_DIR=/var/lib/laogan LAOGAN_LISTEN=0.0.0.0:8080
VOLUME /var/lib/laogan
EXPOSE 8080
ENTRYPOINT ["laogan"]
CMD ["serve"]
