// SPDX-License-Identifier: Apache-2.0

/// An error of one room that knows how it is told to people when nobody knows more about it.
public protocol FailureConvertible: Error {
    /// The error, told.
    var failure: Failure { get }
}
