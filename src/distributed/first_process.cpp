#include "tha4/distributed/first_process.h"

#include <optional>
#include <string>

#include "tha4/base/error.h"

namespace tha4 {

void do_first(ProcessGroup& group, const std::function<void()>& work) {
  std::optional<InterruptedError> interruption;
  if (group.is_first()) {
    try {
      work();
    } catch (const InterruptedError& error) {
      interruption.emplace(error);
    }
  }
  const std::string why = group.broadcast(interruption ? std::string(interruption->what()) : std::string());
  if (interruption) throw InterruptedError(*interruption);
  if (!why.empty()) throw InterruptedError(why);
}

}  // namespace tha4
