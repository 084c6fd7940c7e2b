// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a ``MigrationRevision`` names.
public enum MigrationRevisionSubject {}

/// Names one step of a schema's history: Alembic's `3f1c…`, or the number `0007` of a file.
public typealias MigrationRevision = Identifier<MigrationRevisionSubject>
