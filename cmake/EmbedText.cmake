# tha4_embed_text(TARGET FILE NAME): lets TARGET's sources include "NAME.h", which holds the text of FILE as
# tha4::texts::NAME.
set(THA4_EMBED_TEMPLATE "${CMAKE_CURRENT_LIST_DIR}/embedded_text.h.in")

function(tha4_embed_text target file name)
  file(READ "${file}" THA4_EMBEDDED_TEXT)
  set(THA4_EMBEDDED_NAME ${name})
  configure_file("${THA4_EMBED_TEMPLATE}" "${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.h" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/embedded")
endfunction()
