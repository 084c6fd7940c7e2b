// SPDX-License-Identifier: Apache-2.0
import Testing

extension Tag {
    /// Needs PostgreSQL 15 and runit on this machine.
    @Tag static var postgres: Self
    /// Takes more than a few seconds.
    @Tag static var slow: Self
}
