// SPDX-License-Identifier: Apache-2.0
public import Core

/// What an ``ImageID`` names.
public enum ImageSubject {}

/// A container image by its content: `sha256:…`, which no tag can change.
public typealias ImageID = Identifier<ImageSubject>

extension Identifier where Subject == ImageSubject {
    /// The first twelve digits, as Docker abbreviates.
    public var short: String {
        String((rawValue.hasPrefix("sha256:") ? rawValue.dropFirst(7) : rawValue[...]).prefix(12))
    }
}
