// SPDX-License-Identifier: Apache-2.0
import Yams

/// One entry of a mapping, as it stands in the file.
struct MappingEntry {
    /// The key.
    let name: String
    /// Where the key is.
    let place: ManifestPlace
    /// The value.
    let value: Node
}
