// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Strings for a C function that takes an array of them with NULL at its end.
@safe
final class CStringList {
    /// Valid as long as this lives.
    var pointer: UnsafePointer<UnsafePointer<CChar>?> { unsafe UnsafePointer(storage) }

    private let storage: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    /// Copies the strings; nil becomes NULL.
    init(_ strings: [String?]) {
        count = strings.count
        unsafe storage = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            unsafe storage[index] = string.flatMap { unsafe strdup($0) }.map { unsafe UnsafePointer($0) }
        }
        unsafe storage[count] = nil
    }

    deinit {
        for index in 0..<count {
            unsafe free(UnsafeMutablePointer(mutating: storage[index]))
        }
        unsafe storage.deallocate()
    }
}
