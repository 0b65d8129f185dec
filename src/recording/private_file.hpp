// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace strandline::recording {

/// Writes `text` to `file`, for its owner alone (0600): to a temporary file in
/// its folder, which takes its place when it is on the disk. So there is the
/// old file or the new one whole, never a part. A symbolic link is replaced,
/// not followed. Throws Error (ExitCode::cannot_create), and leaves nothing
/// behind, if that cannot be done or something other than a file stands there.
void write_private_file(const std::filesystem::path& file,
                        std::string_view text);

}  // namespace strandline::recording
