// SPDX-License-Identifier: Apache-2.0
public import Core

/// What somebody may do, the least first.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Looks.
    case viewer = "VIEWER"
    /// Deploys.
    case developer = "DEVELOPER"
    /// Answers for what is deployed.
    case maintainer = "MAINTAINER"
    /// Decides who does what.
    case owner = "OWNER"

    /// Whether it is one of these roles, or more than one of them.
    func counts(in roles: [String]) -> Bool {
        let ranks = Role.allCases
        let own = ranks.firstIndex(of: self) ?? 0
        return roles.contains { name in
            Role(rawValue: name).flatMap(ranks.firstIndex).map { own >= $0 } ?? false
        }
    }
}

/// Who has which role.
///
/// As long as nobody has one, everybody is an owner; from the first owner on, whoever has none is a viewer.
public struct People: Sendable, Hashable {
    /// By name.
    public private(set) var roles: [String: Role]

    /// Describes who has which role.
    public init(_ roles: [String: Role] = [:]) {
        self.roles = roles
    }

    /// The role of somebody.
    public func role(of name: String) -> Role { roles.isEmpty ? .owner : roles[name] ?? .viewer }

    /// Gives somebody a role, instead of the one they had.
    ///
    /// - Throws: `conflict` when who asks is no owner, or no owner would be left; `invalid` for a name that is none.
    public mutating func give(_ role: Role, to name: String, by person: String) throws(Failure) {
        try checkOwner(person)
        let isName = (1...100).contains(name.count) && !name.contains { $0.isNewline || $0 == ":" }
        guard isName, name.allSatisfy({ !$0.isWhitespace || $0 == " " }), name.first != " ", name.last != " "
        else {
            throw Failure(.invalid, "'\(name)' can't be a name", hint: "up to 100 characters, without ':'")
        }
        var changed = roles
        changed[name] = role
        try replace(with: changed)
    }

    /// Takes somebody's role.
    ///
    /// - Throws: `conflict` when who asks is no owner, or no owner would be left; `not-found` when there is none.
    public mutating func remove(_ name: String, by person: String) throws(Failure) {
        try checkOwner(person)
        guard roles[name] != nil else {
            throw Failure(.notFound, "'\(name)' has no role", hint: "opshub people list")
        }
        var changed = roles
        changed[name] = nil
        // The last one may go: then it is as it was in the beginning.
        if changed.isEmpty { return roles = changed }
        try replace(with: changed)
    }

    private func checkOwner(_ person: String) throws(Failure) {
        let role = role(of: person)
        guard role != .owner else { return }
        throw Failure(
            .conflict,
            "\(person) is \(role.rawValue) and can't say who has which role",
            hint: "ask one of \(owners.joined(separator: ", "))",
        )
    }

    private mutating func replace(with changed: [String: Role]) throws(Failure) {
        guard changed.values.contains(.owner) else {
            throw Failure(
                .conflict,
                "nobody would be OWNER, and nobody could ever change that",
                hint: "opshub people set NAME OWNER, before",
            )
        }
        roles = changed
    }

    private var owners: [String] { roles.filter { $0.value == .owner }.keys.sorted() }
}
