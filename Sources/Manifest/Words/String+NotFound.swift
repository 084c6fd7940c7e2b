// SPDX-License-Identifier: Apache-2.0

extension String {
    /// A hint for this name, which is not one of those that exist: the nearest that does, or else all of them.
    func notFoundHint(among names: [String], called noun: String) -> String {
        if let near = NearestWord.of(self, in: names) { return "did you mean '\(near)'?" }
        return names.isEmpty ? "there is none" : "there is \(names.enumeration)"
    }
}
