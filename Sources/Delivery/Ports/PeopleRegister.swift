// SPDX-License-Identifier: Apache-2.0

/// Where it is written down who has which role.
public protocol PeopleRegister: Sendable {
    /// Everybody, as of now.
    func people() async throws -> People

    /// Changes it; nobody changes it meanwhile. Nothing is changed when `body` throws.
    func change(_ body: @escaping @Sendable (inout People) throws -> Void) async throws
}
