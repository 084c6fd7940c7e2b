// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// What became of things that the real database has, between two moments of a rehearsal: pure.
struct SchemaComparison {
    /// The real database: only that can be missed, and its names are the ones that count.
    let original: SchemaState
    /// Tables of the migration tool.
    let bookkeeping: Set<String>

    /// What changed.
    func changes(from before: SchemaState, to after: SchemaState) -> SchemaChanges {
        var changes = SchemaChanges()
        let names = Dictionary(
            after.relations.filter { !$0.value.isIndex }.map { ($0.value.name, $0.key) },
            uniquingKeysWith: { first, _ in first },
        )
        for (id, relation) in original.relations
        where !relation.isIndex && before.relations[id] != nil && !bookkeeping.contains(relation.name) {
            compare(id, relation, before, after, names, &changes)
        }
        changes.missing = original.objects.intersection(before.objects).subtracting(after.objects).sorted()
        changes.gone.sort()
        changes.lost.sort()
        changes.required.sort()
        return changes
    }

    private func compare(
        _ id: Int64,
        _ relation: SchemaState.Relation,
        _ before: SchemaState,
        _ after: SchemaState,
        _ names: [String: Int64],
        _ changes: inout SchemaChanges,
    ) {
        let now = after.relations[id]
        if now == nil, relation.isTable { changes.lost.append(.init(relation.name)) }
        // Who uses a name finds whatever has it now, a view for example that stands in for a renamed table.
        let wasReachable = before.relations.values.contains { $0.name == relation.name && !$0.isIndex }
        guard let standIn = names[relation.name] else {
            if wasReachable { changes.gone.append(.init(relation.name)) }
            if wasReachable, now != nil { changes.renamed.append(.init(relation.name)) }
            return compareLosses(id, relation, before, after, &changes)
        }
        if let parent = before.relations[id]?.parent, original.relations[id]?.parent == parent, let now,
            now.parent != parent, let whole = original.relations[parent]
        {
            changes.detached[relation.name] = whole.name
        }
        compareColumns(id, relation, standIn, before, after, &changes)
        compareLosses(id, relation, before, after, &changes)
    }

    private func compareColumns(
        _ id: Int64,
        _ relation: SchemaState.Relation,
        _ standIn: Int64,
        _ before: SchemaState,
        _ after: SchemaState,
        _ changes: inout SchemaChanges,
    ) {
        let present = Self.columns(of: standIn, in: after)
        let earlier = Self.columns(of: id, in: before)
        let known = Self.columns(of: id, in: original)
        for (name, column) in known {
            guard let old = earlier[name] else { continue }
            let place = SchemaChanges.Place(relation.name, name)
            guard let new = present[name] else {
                changes.gone.append(place)
                if let number = original.number(of: name, in: id),
                    after.columns[SchemaState.Place(relation: id, number: number)] != nil
                {
                    changes.renamed.append(place)
                }
                continue
            }
            if new.type != old.type, Self.isNarrower(old.type, new.type) {
                changes.retyped[place] = "\(new.type) now, it was \(column.type)"
            }
            if new.isRequired, !old.isRequired { changes.required.append(place) }
        }
        for (number, column) in after.columns
        where number.relation == standIn && column.isRequired && known[column.name] == nil {
            // One that was there under another name has its values.
            guard before.columns[number] == nil else { continue }
            let name = column.name
            let place = SchemaChanges.Place(relation.name, name)
            changes.required.append(place)
            changes.added.append(place)
        }
    }

    /// Values are gone with their column, unless another one has its name, which they were copied to then.
    private func compareLosses(
        _ id: Int64,
        _ relation: SchemaState.Relation,
        _ before: SchemaState,
        _ after: SchemaState,
        _ changes: inout SchemaChanges,
    ) {
        guard relation.isTable, after.relations[id] != nil else { return }
        let present = Self.columns(of: id, in: after)
        for (place, column) in original.columns where place.relation == id {
            guard before.columns[place] != nil, after.columns[place] == nil, present[column.name] == nil
            else { continue }
            changes.lost.append(.init(relation.name, column.name))
        }
    }

    /// Whether a value of the one type may not be one of the other: false for the few changes that only allow more.
    private static func isNarrower(_ old: String, _ new: String) -> Bool {
        let integers = ["smallint", "integer", "bigint", "numeric"]
        if let from = integers.firstIndex(of: old), let to = integers.firstIndex(of: new) { return to < from }
        let texts = ["character varying", "text"]
        func length(_ type: String) -> Int? {
            texts.contains(type)
                ? Int.max : type.hasPrefix("character varying(") ? Int(type.dropFirst(18).dropLast()) : nil
        }
        if let from = length(old), let to = length(new) { return to < from }
        return true
    }

    private static func columns(of relation: Int64, in state: SchemaState) -> [String: SchemaState.Column] {
        Dictionary(
            state.columns.filter { $0.key.relation == relation }.map { ($0.value.name, $0.value) },
            uniquingKeysWith: { first, _ in first },
        )
    }
}

extension SchemaState {
    /// A column's number by its name.
    fileprivate func number(of column: String, in relation: Int64) -> Int64? {
        columns.first { $0.key.relation == relation && $0.value.name == column }?.key.number
    }
}
