// SPDX-License-Identifier: Apache-2.0
import Testing

extension Tag {
    /// Needs HAProxy and runit on this machine.
    @Tag static var haproxy: Self
    /// Takes more than a few seconds.
    @Tag static var slow: Self
}
