// SPDX-License-Identifier: Apache-2.0
import CHostSystem
import Dispatch

/// What this process keeps of memory that it has freed.
public enum ProcessMemory {
    /// Has large blocks given back as soon as they are freed.
    ///
    /// Room for what a program may say is 16 MiB, of which most use nothing: kept for whatever is wanted next, the rest of it would be in use by and by.
    public static func returnLargeBlocks() { opshub_return_blocks(4 << 20, 4) }

    /// Gives back what was freed, on a thread of its own, since it looks at everything that is in use.
    static func giveBack() { DispatchQueue.global(qos: .utility).async { opshub_give_memory_back() } }
}
