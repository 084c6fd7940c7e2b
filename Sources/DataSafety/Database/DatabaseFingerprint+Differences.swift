// SPDX-License-Identifier: Apache-2.0

extension DatabaseFingerprint {
    /// How a restored copy differs from this, its source: one sentence each, in order; none when it is the
    /// same.
    ///
    /// What an earlier version has read otherwise is compared by its row counts only.
    public func differences(in copy: DatabaseFingerprint) -> [String] {
        guard tables.isEmpty || !copy.tables.isEmpty else {
            return ["nothing was restored; there were \(tables.count) tables"]
        }
        guard reading == copy.reading else { return rowDifferences(in: copy) }
        return tableDifferences(in: copy) + sequenceDifferences(in: copy)
            + definitionDifferences(in: copy) + extensionDifferences(in: copy)
    }

    /// Of what an earlier version has read, which wrote some names with other quotes, and left out tables of extensions.
    private func rowDifferences(in copy: DatabaseFingerprint) -> [String] {
        let found = Dictionary(
            copy.tables.map { ($0.key.filter { $0 != "\"" }, $0.value.rows) },
            uniquingKeysWith: { first, _ in first },
        )
        return tables.sorted { $0.key < $1.key }
            .compactMap { name, source in
                guard let rows = found[name.filter { $0 != "\"" }] else { return "table \(name): missing" }
                return rows == source.rows ? nil : "table \(name): \(rows) rows instead of \(source.rows)"
            }
    }

    private func tableDifferences(in copy: DatabaseFingerprint) -> [String] {
        let (table, rows) = nouns
        return compare(tables, copy.tables, called: table) { name, source, restored in
            if restored.rows != source.rows {
                return "\(table) \(name): \(restored.rows) \(rows) instead of \(source.rows)"
            }
            guard let wanted = source.digest, let found = restored.digest, wanted != found else {
                return nil
            }
            return "\(table) \(name): the same number of \(rows) (\(source.rows)), but other content"
        }
    }

    private func sequenceDifferences(in copy: DatabaseFingerprint) -> [String] {
        compare(sequences, copy.sequences, called: "sequence") { name, source, restored in
            guard !source.admits(restored.after) else { return nil }
            let wanted =
                source.before == source.after ? "\(source.after)" : "\(source.before)…\(source.after)"
            return "sequence \(name): at \(restored.after) instead of \(wanted)"
        }
    }

    private func definitionDifferences(in copy: DatabaseFingerprint) -> [String] {
        compare(definitions, copy.definitions, called: nil) { name, source, restored in
            source == restored ? nil : "\(name): defined differently"
        }
    }

    private func extensionDifferences(in copy: DatabaseFingerprint) -> [String] {
        compare(extensions, copy.extensions, called: "extension") { _, _, _ in nil }
    }

    private func compare<Value>(
        _ source: [String: Value],
        _ copy: [String: Value],
        called kind: String?,
        each: (String, Value, Value) -> String?,
    ) -> [String] {
        let prefix = kind.map { "\($0) " } ?? ""
        return Set(source.keys).union(copy.keys).sorted()
            .compactMap { name in
                switch (source[name], copy[name]) {
                case (.some(let wanted), .some(let found)): each(name, wanted, found)
                case (.some, .none): "\(prefix)\(name): missing"
                case (.none, .some): "\(prefix)\(name): was not in the database"
                case (.none, .none): nil
                }
            }
    }
}
