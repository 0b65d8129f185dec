// SPDX-License-Identifier: MIT
//
// A file system that fails on command, below SQLite.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>

namespace strandline::test {

/// The default VFS of the process as long as it lives: that of the system, of
/// which a chosen call fails. Nothing waits for the disk: what it has not been
/// told to keep is lost with the machine only. Connections must be closed
/// before it goes. Only one at a time, and for one thread.
class FaultVfs {
 public:
  /// The calls that are counted and can fail.
  enum class Call { open, read, write, truncate, sync, remove };
  enum class Times { once, forever };  ///< forever: every counted call after it
  enum class When {
    before,   ///< the call is not made
    halfway,  ///< a write writes its first half; as `before` of other calls
    after,    ///< the call is made, and said to have failed
  };

  FaultVfs() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    self() = this;
    vfs_.pNext = nullptr;
    vfs_.zName = "fault";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    self() = nullptr;
  }
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// Counts from 0, and fails call number `call` with `code`: the code of
  /// SQLite's that goes with the call if it is 0. SQLITE_FULL fails only calls
  /// that need room.
  void fail(std::size_t call, int code = 0, Times times = Times::once,
            When when = When::before) {
    count();
    target_ = call;
    code_ = code;
    times_ = times;
    when_ = when;
    fails_ = true;
  }

  /// Counts from 0, and fails nothing.
  void count() {
    calls_ = 0;
    failures_ = 0;
    what_.clear();
    fails_ = false;
    counts_ = true;
  }

  /// Counts and fails nothing from now on.
  void stop() {
    fails_ = false;
    counts_ = false;
  }

  /// Whether calls of a kind are counted; reads and opens are not at first.
  void watch(Call call, bool counted) { watched(call) = counted; }

  std::size_t calls() const { return calls_; }        ///< counted
  std::size_t failures() const { return failures_; }  ///< of those

  /// The first call that failed: "sync crm.db-wal"; empty: none did.
  const std::string& what() const { return what_; }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real;
    const char* name;
  };

  static FaultVfs*& self() {
    static FaultVfs* vfs = nullptr;
    return vfs;
  }

  bool& watched(Call call) { return watched_[static_cast<std::size_t>(call)]; }

  static const char* text(Call call) {
    static constexpr const char* texts[] = {"open",     "read", "write",
                                            "truncate", "sync", "remove"};
    return texts[static_cast<std::size_t>(call)];
  }

  static int natural(Call call) {
    static constexpr int codes[] = {SQLITE_CANTOPEN,    SQLITE_IOERR_READ,
                                    SQLITE_IOERR_WRITE, SQLITE_IOERR_TRUNCATE,
                                    SQLITE_IOERR_FSYNC, SQLITE_IOERR_DELETE};
    return codes[static_cast<std::size_t>(call)];
  }

  // The code that the call fails with; SQLITE_OK if it does not.
  int next(Call call, const char* name) {
    if (!counts_ || !watched(call)) {
      return SQLITE_OK;
    }
    const auto number = calls_++;
    if (!fails_ || number < target_ ||
        (number > target_ && times_ == Times::once)) {
      return SQLITE_OK;
    }
    if (code_ == SQLITE_FULL && call != Call::write) {
      return SQLITE_OK;
    }
    if (failures_++ == 0) {
      const std::string path = name == nullptr ? "temporary" : name;
      what_ = std::string(text(call)) + " " +
              path.substr(path.find_last_of('/') + 1);
    }
    return code_ == 0 ? natural(call) : code_;
  }

  // Makes the call as the fault has it.
  template <typename Make>
  static int make(Call call, const char* name, Make make) {
    auto& vfs = *self();
    const int code = vfs.next(call, name);
    if (code == SQLITE_OK) {
      return make();
    }
    if (vfs.when_ == When::after) {
      make();
    }
    return code;
  }

  static File* own(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return own(file)->real; }

  static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file,
                  int flags, int* out_flags) {
    auto* const to = own(file);
    to->base.pMethods = nullptr;
    to->real = reinterpret_cast<sqlite3_file*>(to + 1);
    to->name = name;
    auto* const system = self()->real_;
    const int failed = self()->next(Call::open, name);
    const int code = failed != SQLITE_OK ? failed
                                         : system->xOpen(system, name, to->real,
                                                         flags, out_flags);
    if (code == SQLITE_OK) {
      to->base.pMethods = methods();
    }
    return code;
  }

  static int remove(sqlite3_vfs* /*vfs*/, const char* name, int /*sync*/) {
    auto* const system = self()->real_;
    return make(Call::remove, name,
                [&] { return system->xDelete(system, name, 0); });
  }

  static int read(sqlite3_file* file, void* data, int size,
                  sqlite3_int64 offset) {
    return make(Call::read, own(file)->name, [&] {
      return real(file)->pMethods->xRead(real(file), data, size, offset);
    });
  }

  static int write(sqlite3_file* file, const void* data, int size,
                   sqlite3_int64 offset) {
    const auto write = [&](int bytes) {
      return real(file)->pMethods->xWrite(real(file), data, bytes, offset);
    };
    auto& vfs = *self();
    const int code = vfs.next(Call::write, own(file)->name);
    if (code == SQLITE_OK) {
      return write(size);
    }
    if (vfs.when_ != When::before) {
      write(vfs.when_ == When::halfway ? size / 2 : size);
    }
    return code;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return make(Call::truncate, own(file)->name, [&] {
      return real(file)->pMethods->xTruncate(real(file), size);
    });
  }

  static int sync(sqlite3_file* file, int /*flags*/) {
    return make(Call::sync, own(file)->name, [] { return SQLITE_OK; });
  }

  // What is handed on as it is.
  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods own{};
      own.iVersion = 2;  // without memory mapping
      own.xClose = [](sqlite3_file* file) {
        return real(file)->pMethods->xClose(real(file));
      };
      own.xRead = read;
      own.xWrite = write;
      own.xTruncate = truncate;
      own.xSync = sync;
      own.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
        return real(file)->pMethods->xFileSize(real(file), size);
      };
      own.xLock = [](sqlite3_file* file, int lock) {
        return real(file)->pMethods->xLock(real(file), lock);
      };
      own.xUnlock = [](sqlite3_file* file, int lock) {
        return real(file)->pMethods->xUnlock(real(file), lock);
      };
      own.xCheckReservedLock = [](sqlite3_file* file, int* out) {
        return real(file)->pMethods->xCheckReservedLock(real(file), out);
      };
      own.xFileControl = [](sqlite3_file* file, int op, void* argument) {
        return real(file)->pMethods->xFileControl(real(file), op, argument);
      };
      own.xSectorSize = [](sqlite3_file* file) {
        return real(file)->pMethods->xSectorSize(real(file));
      };
      own.xDeviceCharacteristics = [](sqlite3_file* file) {
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
      };
      own.xShmMap = [](sqlite3_file* file, int page, int size, int extend,
                       void volatile** out) {
        return real(file)->pMethods->xShmMap(real(file), page, size, extend,
                                             out);
      };
      own.xShmLock = [](sqlite3_file* file, int offset, int n, int flags) {
        return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
      };
      own.xShmBarrier = [](sqlite3_file* file) {
        real(file)->pMethods->xShmBarrier(real(file));
      };
      own.xShmUnmap = [](sqlite3_file* file, int remove_it) {
        return real(file)->pMethods->xShmUnmap(real(file), remove_it);
      };
      return own;
    }();
    return &all;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  bool watched_[6] = {false, false, true, true, true, true};
  bool counts_ = false;
  bool fails_ = false;
  std::size_t target_ = 0;
  std::size_t calls_ = 0;
  std::size_t failures_ = 0;
  int code_ = 0;
  Times times_ = Times::once;
  When when_ = When::before;
  std::string what_;
};

}  // namespace strandline::test
