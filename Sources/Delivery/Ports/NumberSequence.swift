// SPDX-License-Identifier: Apache-2.0

/// A sequence of numbers that names are made of.
public enum NumberSequence: String, Sendable, Hashable, CaseIterable {
    /// `d1`, `d2`, …
    case deployment
    /// `r1`, `r2`, …
    case release
    /// `b1`, `b2`, …
    case backup
}
