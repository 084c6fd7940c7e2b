// SPDX-License-Identifier: Apache-2.0

/// Images that keep data, by their names without registry, folder and tag.
enum StatefulImages {
    /// Databases, queues, search engines and object stores.
    static let names: Set<String> = [
        "arangodb", "cassandra", "chroma", "clickhouse", "clickhouse-server", "cockroach", "consul",
        "couchbase", "couchdb",
        "dragonfly", "elasticsearch", "etcd", "influxdb", "kafka", "keydb", "mariadb", "meilisearch",
        "memcached", "minio",
        "mongo", "mongodb", "mssql-server", "mysql", "mysql-server", "nats", "neo4j", "opensearch",
        "oracle-xe", "percona",
        "pgvector", "postgis", "postgres", "postgresql", "qdrant", "questdb", "rabbitmq", "redis",
        "redis-stack",
        "redis-stack-server", "redpanda", "rethinkdb", "scylla", "solr", "surrealdb", "tidb", "timescaledb",
        "timescaledb-ha", "typesense", "valkey", "vault", "victoria-metrics", "weaviate", "zookeeper",
    ]
}
