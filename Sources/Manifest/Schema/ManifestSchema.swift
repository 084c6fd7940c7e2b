// SPDX-License-Identifier: Apache-2.0

/// The JSON Schema of `opshub.yml`, for editors that complete and check while one types.
///
/// Made from the tables of keys that ManifestParser reads with. What takes several values to see (names that must
/// exist, ports that must differ) only the parser knows.
public enum ManifestSchema {
    /// The schema as JSON text (draft 2020-12).
    public static var json: String { value.rendered() + "\n" }

    /// The schema.
    static var value: JSONValue {
        guard case .object(let members) = ProjectKeys.table.schema else { return [:] }
        let title: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "opshub.yml",
            "description": "How OpsHub builds, runs and deploys a project.",
        ]
        return members.reduce(title) { $0.adding($1.name, $1.value) }
    }
}
