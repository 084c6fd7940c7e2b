// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a ``PlanDigest`` names.
public enum PlanSubject {}

/// SHA-256 of everything that a plan says, in hexadecimal; an approval is bound to it (Invariant 9).
public typealias PlanDigest = Identifier<PlanSubject>

extension Identifier where Subject == PlanSubject {
    /// The first twelve digits, for people.
    public var short: String { String(rawValue.prefix(12)) }
}
